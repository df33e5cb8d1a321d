/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Reading sockets: who, which connection, how far each stream has come. */
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

	if (!tp || !port_wanted(local_port_of(direct, tp), peer_port_of(direct, sk)))
		return 0;
	return tp;
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

/* At the handshake's end: nothing is written yet, nothing has arrived. */
static __always_inline void take_bases(bool direct, struct tcp_sock *tp, struct socket_state *state)
{
	state->sent_base = READ(direct, tp, write_seq);
	state->received_base = READ(direct, tp, rcv_nxt);
	state->has_bases = 1;
}

/*
 * For a socket older than the probe: which end it is, and where its streams began. What was sent once
 * (bytes_sent - bytes_retrans) is what lies before snd_nxt; bytes_acked counts the SYN of an active open
 * on top (tcp_finish_connect), and only that. Read without the socket's lock: what does not add up is left
 * for the next event.
 */
static __always_inline void learn_bases(bool direct, struct sock *sk, struct tcp_sock *tp,
					struct socket_state *state)
{
	__u8 tcp_state = READ(direct, sk, __sk_common.skc_state);
	__u32 una = READ(direct, tp, snd_una), next = READ(direct, tp, rcv_nxt), received = READ(direct, tp, bytes_received);
	__u64 acked = READ(direct, tp, bytes_acked);
	__u64 sent_once = READ(direct, tp, bytes_sent) - READ(direct, tp, bytes_retrans);
	__u64 passed = acked + (READ(direct, tp, snd_nxt) - una);

	/* Failing or only beginning connections have no streams. */
	if (tcp_state == TCP_SYN_SENT || tcp_state == TCP_SYN_RECV || tcp_state == TCP_CLOSE)
		return;
	barrier();
	if (READ(direct, tp, snd_una) != una || READ(direct, tp, rcv_nxt) != next ||
	    (__u32)READ(direct, tp, bytes_received) != received)
		return;
	if (!state->has_bases) {
		state->sent_base = una - (__u32)acked;
		state->received_base = next - received;
		state->has_bases = 1;
	}
	/* Later, snd_nxt may count our FIN. */
	if (tcp_state != TCP_ESTABLISHED && tcp_state != TCP_CLOSE_WAIT)
		return;
	if (passed == sent_once) {
		state->role = CROSSLAYER_ROLE_PASSIVE;
	} else if (passed == sent_once + 1) {
		state->role = CROSSLAYER_ROLE_ACTIVE;
		state->sent_base++;
	}
}

/* What is remembered of a socket; made when it is first seen. Null, and an event counted as lost, without memory. */
static __always_inline struct socket_state *state_of(bool direct, struct sock *sk, struct tcp_sock *tp)
{
	struct socket_state *state;

	if (direct && !states_in_hash) {
		state = bpf_sk_storage_get(&socket_states, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	} else {
		__u64 key = (__u64)sk;

		state = bpf_map_lookup_elem(&socket_states_hash, &key);
		if (!state) {
			struct socket_state fresh = {};

			bpf_map_update_elem(&socket_states_hash, &key, &fresh, BPF_NOEXIST);
			state = bpf_map_lookup_elem(&socket_states_hash, &key);
		}
	}
	if (!state) {
		count_lost();
		return 0;
	}
	if (!state->has_bases || state->role == CROSSLAYER_ROLE_UNKNOWN)
		learn_bases(direct, sk, tp, state);
	return state;
}

/* The kernel frees socket storage with the socket; the hash must not hand it to the next socket at this address. */
static __always_inline void forget_state(struct sock *sk)
{
	__u64 key = (__u64)sk;

	if (states_in_hash)
		bpf_map_delete_elem(&socket_states_hash, &key);
}

/*
 * Offset of a sequence number in its stream. Not from the kernel's 64-bit counters alone: they and the
 * sequence numbers are updated one after the other, and most events are read without the socket's lock. The
 * counter only tells which 4 GiB it is.
 */
static __always_inline __u64 offset_of(__u32 sequence, __u32 base, __u64 counter)
{
	__u32 offset = sequence - base;
	__u64 result = counter + (__s32)(offset - (__u32)counter);

	return (__s64)result < 0 ? 0 : result;
}

/* A FIN takes a sequence number: as tcp_inq() does, leave it out once the peer's has arrived. */
static __always_inline void set_received(bool direct, struct crosslayer_event *event, struct tcp_sock *tp,
					 const struct socket_state *state, bool fin_received)
{
	__u64 counter = READ(direct, tp, bytes_received);

	event->received = offset_of(READ(direct, tp, rcv_nxt), state->received_base, counter);
	event->copied = offset_of(READ(direct, tp, copied_seq), state->received_base, counter);
	if (fin_received && event->received > 0)
		event->received--;
	if (event->copied > event->received)
		event->copied = event->received;
}

/* write_seq counts our FIN once it is queued. */
static __always_inline void set_sent(bool direct, struct crosslayer_event *event, struct tcp_sock *tp,
				     const struct socket_state *state)
{
	__u64 counter = READ(direct, tp, bytes_acked);

	event->acked = offset_of(READ(direct, tp, snd_una), state->sent_base, counter);
	event->written = offset_of(READ(direct, tp, write_seq), state->sent_base, counter);
	if (state->fin_queued) {
		if (event->written > state->final_written)
			event->written = state->final_written;
		if (event->acked > state->final_written)
			event->acked = state->final_written;
	}
}

/* As tcp_get_info_chrono_stats() counts it: what has been added up, and what is running. */
static __always_inline __u64 chrono_ns(bool direct, struct tcp_sock *tp, __u8 type)
{
	__u32 jiffies = READ(direct, tp, chrono_stat[type - 1]);

	if (READ_BITFIELD(direct, tp, chrono_type) == type)
		jiffies += (__u32)bpf_jiffies64() - READ(direct, tp, chrono_start);
	return jiffies * ns_per_jiffy;
}

static __always_inline void set_state(struct crosslayer_event *event, const struct socket_state *state)
{
	event->role = state->role;
	event->pid = state->pid;
	__builtin_memcpy(event->comm, state->comm, sizeof(event->comm));
	if (state->fin_queued)
		event->flags |= CROSSLAYER_FIN_SENT;
}

/* Fills in all that is known of a full TCP socket. */
static __always_inline void set_socket(bool direct, struct crosslayer_event *event, struct sock *sk,
				       struct tcp_sock *tp, struct socket_state *state)
{
	bool fin_received = READ(direct, sk, __sk_common.skc_flags) & (1UL << SOCK_DONE);
	struct net *net = READ(direct, sk, __sk_common.skc_net.net);

	if (!state->cookie)
		state->cookie = cookie_of(direct, sk);
	event->socket_cookie = state->cookie;
	event->netns_cookie = READ(direct, net, net_cookie);
	event->local_port = local_port_of(direct, tp);
	event->peer_port = peer_port_of(direct, sk);
	set_addresses(direct, event, &sk->__sk_common);
	event->old_state = event->new_state = READ(direct, sk, __sk_common.skc_state);
	event->error = READ(direct, sk, sk_err);
	if (fin_received)
		event->flags |= CROSSLAYER_FIN_RECEIVED;
	set_state(event, state);
	if (state->has_bases) {
		set_sent(direct, event, tp, state);
		set_received(direct, event, tp, state, fin_received);
	}
	event->rwnd_limited_ns = chrono_ns(direct, tp, TCP_CHRONO_RWND_LIMITED);
	event->sndbuf_limited_ns = chrono_ns(direct, tp, TCP_CHRONO_SNDBUF_LIMITED);
	event->srtt_us = READ(direct, tp, srtt_us) >> 3;
	event->rttvar_us = READ(direct, tp, mdev_us) >> 2;
	event->snd_wnd = READ(direct, tp, snd_wnd);
	event->rcv_wnd = READ(direct, tp, rcv_wnd);
	event->total_retrans = READ(direct, tp, total_retrans);
	event->packets_out = READ(direct, tp, packets_out);
	event->mss = READ(direct, tp, mss_cache);
	event->ca_state = READ_BITFIELD(direct, tp, inet_conn.icsk_ca_state);
}

#endif
