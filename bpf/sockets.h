/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Which sockets are wanted, and who they are. */
#ifndef CROSSLAYER_SOCKETS_H
#define CROSSLAYER_SOCKETS_H

static __always_inline bool port_wanted(__u16 local_port, __u16 peer_port)
{
	if (filter_port_count == 0)
		return true;
	for (int i = 0; i < MAX_FILTER_PORTS; i++) {
		if (i >= filter_port_count)
			return false;
		if (filter_ports[i] == local_port || filter_ports[i] == peer_port)
			return true;
	}
	return false;
}

static __always_inline bool netns_wanted(bool direct, struct sock_common *common)
{
	struct net *net;

	if (!filter_netns)
		return true;
	net = READ(direct, common, skc_net.net);
	return READ(direct, net, net_cookie) == filter_netns;
}

/* With a pid filter a socket counts once its owner is known, that is from its first connect, send or recv. */
static __always_inline bool owner_wanted(const struct socket_state *state)
{
	return filter_pid == 0 || state->pid == filter_pid;
}

/*
 * inet_sport, not skc_num: the kernel releases skc_num before it reports the change to CLOSE
 * (tcp_set_state, net/ipv4/tcp.c).
 */
static __always_inline __u16 local_port_of(bool direct, struct tcp_sock *tp)
{
	return bpf_ntohs(READ(direct, tp, inet_conn.icsk_inet.inet_sport));
}

static __always_inline __u16 peer_port_of(bool direct, struct sock *sk)
{
	return bpf_ntohs(READ(direct, sk, __sk_common.skc_dport));
}

static __always_inline bool socket_wanted(bool direct, struct sock *sk, struct tcp_sock *tp)
{
	return port_wanted(local_port_of(direct, tp), peer_port_of(direct, sk)) && netns_wanted(direct, &sk->__sk_common);
}

/* The TCP view of a full socket, or null: other protocols, request and time-wait sockets, null pointers. */
static __always_inline struct tcp_sock *full_tcp(bool direct, struct sock *sk)
{
	__u16 family;
	__u8 state;

	if (direct)
		return bpf_skc_to_tcp_sock(sk);
	if (!sk)
		return 0;
	/* As the helper does it, sk_fullsock() and sk_is_tcp(). */
	family = READ(false, sk, __sk_common.skc_family);
	state = READ(false, sk, __sk_common.skc_state);
	if ((family != AF_INET && family != AF_INET6) || state == TCP_TIME_WAIT || state == TCP_NEW_SYN_RECV ||
	    READ(false, sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	return (struct tcp_sock *)sk;
}

/* The same, if the filters let it through. */
static __always_inline struct tcp_sock *wanted_tcp(bool direct, struct sock *sk)
{
	struct tcp_sock *tp = full_tcp(direct, sk);

	return tp && socket_wanted(direct, sk, tp) ? tp : 0;
}

static __always_inline void set_ipv4(__u8 *target, __be32 address)
{
	__u32 *words = (__u32 *)target;

	words[0] = 0;
	words[1] = 0;
	words[2] = bpf_htonl(0xffff);
	words[3] = address;
}

static __always_inline void set_ipv6(__u8 *target, struct in6_addr address)
{
	__builtin_memcpy(target, &address, sizeof(address));
}

static __always_inline void set_addresses(bool direct, struct crosslayer_event *event, struct sock_common *common)
{
	if (READ(direct, common, skc_family) == AF_INET) {
		set_ipv4(event->local_address, READ(direct, common, skc_rcv_saddr));
		set_ipv4(event->peer_address, READ(direct, common, skc_daddr));
	} else {
		set_ipv6(event->local_address, READ(direct, common, skc_v6_rcv_saddr));
		set_ipv6(event->peer_address, READ(direct, common, skc_v6_daddr));
	}
}

/*
 * The kernel's name of a socket, as SO_COOKIE tells it. The kernel gives it when it is first asked for, and only a
 * direct program can ask: the hooks of the others come with one that does (tp_birth). A socket of another network
 * namespace that is older than the probe may still have none: then a name of our own, which no cookie of the
 * kernel's has, as those count from 1.
 */
static __always_inline __u64 cookie_of(bool direct, struct sock *sk)
{
	__u64 cookie;

	if (direct)
		return bpf_get_socket_cookie(sk);
	cookie = READ(false, sk, __sk_common.skc_cookie.counter);
	return cookie ? cookie : (1ULL << 63) | ((__u64)bpf_get_prandom_u32() << 31) | (bpf_get_prandom_u32() >> 1);
}

/*
 * The process, not the thread: runtimes name their threads. Process context only: in softirq the current
 * task is whoever was interrupted.
 */
static __always_inline void take_owner(struct socket_state *state)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct task_struct *task;

	if (state->pid == pid)
		return;
	state->pid = pid;
	task = (struct task_struct *)bpf_get_current_task();
	BPF_CORE_READ_INTO(&state->comm, task, group_leader, comm);
}

#endif
