/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Which sockets are wanted, and who they are. */
#ifndef CROSSLAYER_SOCKETS_H
#define CROSSLAYER_SOCKETS_H

static __always_inline bool port_is_set(const __u64 *ports, __u16 port)
{
	return ports[port >> 6] & (1ULL << (port & 63));
}

static __always_inline bool connection_wanted(__u16 local_port, __u16 peer_port)
{
	return settings.any_port || port_is_set(settings.ports, local_port) || port_is_set(settings.ports, peer_port);
}

static __always_inline bool local_port_wanted(__u16 port)
{
	return settings.any_local_port || port_is_set(settings.local_ports, port);
}

static __always_inline bool ports_wanted(__u16 local_port, __u16 peer_port)
{
	return local_port_wanted(local_port) && connection_wanted(local_port, peer_port);
}

/* A packet may concern either end: a router drops what comes for the one and was sent by the other. */
static __always_inline bool packet_wanted(__u16 source_port, __u16 destination_port)
{
	return (local_port_wanted(source_port) || local_port_wanted(destination_port)) && connection_wanted(source_port, destination_port);
}

static __always_inline bool netns_wanted(__u64 netns)
{
	if (!settings.netns_count)
		return true;
	for (int i = 0; i < CROSSLAYER_MAX_NETNS; i++) {
		if (i < settings.netns_count && settings.netns[i] == netns)
			return true;
	}
	return false;
}

/* The control group at a level above, or itself; 0: it is not so deep. Linux 6.1 made ids into pointers. */
static __always_inline __u64 ancestor_of(struct cgroup *cgroup, __u64 level)
{
	struct cgroup *ancestor = 0;
	int own = 0;
	__u64 id = 0;

	if (bpf_core_read(&own, sizeof(own), &cgroup->level) || level > own)
		return 0;
	if (bpf_core_field_exists(cgroup->ancestors)) {
		bpf_probe_read_kernel(&ancestor, sizeof(ancestor), (void *)cgroup + bpf_core_field_offset(cgroup->ancestors) + level * sizeof(ancestor));
		return ancestor ? BPF_CORE_READ(ancestor, kn, id) : 0;
	}
	bpf_probe_read_kernel(&id, sizeof(id),
			      (void *)cgroup + bpf_core_field_offset(((struct cgroup___ids *)cgroup)->ancestor_ids) + level * sizeof(id));
	return id;
}

/* The one that a socket was made in, or its listener was: where its process went later does not matter. */
static __noinline bool cgroup_is_listed(struct sock *sk)
{
	struct cgroup *cgroup = 0;

	/* User space has refused to filter so: before Linux 5.16 it is not told. */
	if (!bpf_core_field_exists(sk->sk_cgrp_data.cgroup) || bpf_core_read(&cgroup, sizeof(cgroup), &sk->sk_cgrp_data.cgroup) || !cgroup)
		return false;
	for (int i = 0; i < CROSSLAYER_MAX_CGROUPS; i++) {
		if (i < settings.cgroup_count && ancestor_of(cgroup, settings.cgroups[i].level) == settings.cgroups[i].id)
			return true;
	}
	return false;
}

static __always_inline bool cgroup_wanted(struct sock *sk)
{
	return !settings.cgroup_count || cgroup_is_listed(sk);
}

/* Whose process or control group is to be known is not wanted where nothing can tell. */
static __always_inline bool ownerless_wanted(void)
{
	return !settings.pid && !settings.cgroup_count;
}

/* With a pid filter a socket counts once its owner is known, that is from its first connect, send or recv. */
static __always_inline bool owner_wanted(const struct socket_state *state)
{
	return !settings.pid || state->pid == settings.pid;
}

static __always_inline __u64 netns_of(bool direct, struct sock_common *common)
{
	struct net *net = READ(direct, common, skc_net.net);

	return READ(direct, net, net_cookie);
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

static __always_inline bool place_wanted(bool direct, struct sock *sk)
{
	return (!settings.netns_count || netns_wanted(netns_of(direct, &sk->__sk_common))) && cgroup_wanted(sk);
}

static __always_inline bool socket_wanted(bool direct, struct sock *sk, struct tcp_sock *tp)
{
	return ports_wanted(local_port_of(direct, tp), peer_port_of(direct, sk)) && place_wanted(direct, sk);
}

/* When a connection is begun, its own port may not be chosen yet (tcp_v4_connect): it may be one that is wanted. */
static __always_inline bool beginning_wanted(bool direct, struct sock *sk, struct tcp_sock *tp)
{
	return local_port_of(direct, tp) ? socket_wanted(direct, sk, tp) : settings.chosen && place_wanted(direct, sk);
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
