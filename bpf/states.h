/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What is remembered of a socket, and an event filled in with all that is known of it. */
#ifndef CROSSLAYER_STATES_H
#define CROSSLAYER_STATES_H

/* What is remembered of a socket; made when it is first seen. Null, and an event counted as lost, without memory. */
static __always_inline struct socket_state *state_of(bool direct, struct sock *sk, struct tcp_sock *tp)
{
	struct socket_state *state;

	if (direct && !states_in_hash) {
		state = bpf_sk_storage_get(&socket_states, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
		/* Another program may make the socket's first storage at the same time (bpf_local_storage_alloc): now it is there. */
		if (!state)
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
		count_without_state();
		count_lost(1);
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
	struct stream_offsets offsets;

	if (!state->cookie)
		state->cookie = cookie_of(direct, sk);
	event->socket_cookie = state->cookie;
	event->netns_cookie = netns_of(direct, &sk->__sk_common);
	event->local_port = local_port_of(direct, tp);
	event->peer_port = peer_port_of(direct, sk);
	set_addresses(direct, event, &sk->__sk_common);
	event->old_state = event->new_state = READ(direct, sk, __sk_common.skc_state);
	event->error = READ(direct, sk, sk_err);
	if (fin_received(direct, sk))
		event->flags |= CROSSLAYER_FIN_RECEIVED;
	set_state(event, state);
	if (state->has_bases) {
		read_offsets(direct, sk, tp, state, &offsets);
		event->written = offsets.written;
		event->acked = offsets.acked;
		event->received = offsets.received;
		event->copied = offsets.copied;
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
