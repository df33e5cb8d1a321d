// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * CrossLayer's kernel side: BTF-typed tracepoints (tp_btf) that turn what TCP does into kernel events.
 * Passive: nothing here delays, alters or drops traffic, and no payload is read.
 */
#include <stdbool.h>
#include "kernel_types.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>
#include "crosslayer_event.h"
#include "maps.h"
#include "sockets.h"
#include "packets.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

static __always_inline struct socket_state *state_of(struct sock *sk, const struct tcp_sock *tp)
{
	struct socket_state *state = bpf_sk_storage_get(&socket_states, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);

	if (state && (!state->has_bases || state->role == CROSSLAYER_ROLE_UNKNOWN))
		learn_bases(sk, tp, state);
	return state;
}

/* Emits an event that needs nothing beyond what the socket tells. */
static __always_inline void emit_socket(__u8 type, struct sock *sk, const struct tcp_sock *tp,
					const struct socket_state *state, __s32 bytes)
{
	struct crosslayer_event *event;

	if (!owner_wanted(state))
		return;
	event = reserve_event();
	if (!event)
		return;
	set_socket(event, sk, tp, state);
	event->type = type;
	event->bytes = bytes;
	submit_event(event);
}

/* connect, accept and state. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_state, struct sock *sk, int old_state, int new_state)
{
	const struct tcp_sock *tp;
	struct crosslayer_event *event;
	struct socket_state *state;

	if (old_state == new_state || old_state == TCP_LISTEN || new_state == TCP_LISTEN || !(tp = wanted_tcp(sk)))
		return 0;
	state = state_of(sk, tp);
	if (!state)
		return 0;

	if (new_state == TCP_SYN_SENT) {
		/* Process context, and the local port may not be chosen yet: reported when the outcome is known. */
		state->role = CROSSLAYER_ROLE_ACTIVE;
		state->connect_ns = bpf_ktime_get_ns();
		take_owner(state);
		return 0;
	}
	if (new_state == TCP_ESTABLISHED && !state->has_bases) {
		if (old_state == TCP_SYN_RECV)
			state->role = CROSSLAYER_ROLE_PASSIVE;
		take_bases(tp, state);
	}

	if (owner_wanted(state) && (event = reserve_event())) {
		set_socket(event, sk, tp, state);
		event->old_state = old_state;
		event->new_state = new_state;
		if (old_state == TCP_SYN_SENT) {
			event->type = CROSSLAYER_CONNECT;
			event->since_ns = state->connect_ns;
		} else if (old_state == TCP_SYN_RECV && new_state == TCP_ESTABLISHED) {
			event->type = CROSSLAYER_ACCEPT;
		} else {
			event->type = CROSSLAYER_STATE;
		}
		submit_event(event);
	}

	/* The FIN is queued right after this change: from here on write_seq counts it. */
	if ((new_state == TCP_FIN_WAIT1 || new_state == TCP_LAST_ACK) && !state->fin_queued) {
		state->final_written = offset_of(tp->write_seq, state->sent_base, tp->bytes_acked);
		state->fin_queued = 1;
	}
	return 0;
}

/*
 * Remembers how far the stream was written, so that on_segment can report when the peer has it all.
 * The acknowledgement may be on its way through on_segment right now, before snd_una moves: each side
 * stores its own word, then reads the other's, with an atomic between that orders the two.
 */
static __always_inline void mark_written(const struct tcp_sock *tp, struct socket_state *state)
{
	state->mark = tp->write_seq;
	state->mark_armed = 1;
	__sync_fetch_and_add(&state->fence, 1);
	if ((__s32)(tp->snd_una - state->mark) >= 0 || (__s32)(state->last_ack - state->mark) >= 0)
		state->mark_armed = 0;
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(on_send, struct sock *sk, int length, int flags)
{
	const struct tcp_sock *tp = wanted_tcp(sk);
	struct socket_state *state;

	if (!tp)
		return 0;
	state = state_of(sk, tp);
	if (!state)
		return 0;
	take_owner(state);
	emit_socket(CROSSLAYER_SEND, sk, tp, state, length);
	if (length > 0)
		mark_written(tp, state);
	return 0;
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(on_recv, struct sock *sk, int length, int flags)
{
	const struct tcp_sock *tp;
	struct socket_state *state;

	if (length == -EAGAIN || (flags & MSG_PEEK) || !(tp = wanted_tcp(sk)))
		return 0;
	/* 0 is the end of the stream only after a FIN; else the caller offered no room. */
	if (length == 0 && !(sk->__sk_common.skc_flags & (1UL << SOCK_DONE)))
		return 0;
	state = state_of(sk, tp);
	if (!state)
		return 0;
	take_owner(state);
	emit_socket(CROSSLAYER_RECV, sk, tp, state, length);
	return 0;
}

/* acked. Runs for each segment received, before it is applied. */
SEC("tp_btf/tcp_probe")
int BPF_PROG(on_segment, struct sock *sk, struct sk_buff *skb)
{
	const struct tcp_sock *tp = wanted_tcp(sk);
	struct crosslayer_event *event;
	struct socket_state *state;
	struct tcp_header tcp;
	__u32 ack, una;

	if (!tp)
		return 0;
	una = tp->snd_una;
	if (tp->write_seq == una)
		return 0;
	state = state_of(sk, tp);
	if (!state)
		return 0;
	if (bpf_probe_read_kernel(&tcp, sizeof(tcp), skb->head + skb->transport_header))
		return 0;
	ack = bpf_ntohl(tcp.acknowledgement);
	/* Old, or beyond what was written: the kernel will not apply it either. */
	if ((__s32)(ack - una) < 0 || (__s32)(tp->write_seq - ack) < 0)
		return 0;

	state->last_ack = ack;
	__sync_fetch_and_add(&state->fence, 1);
	if (state->mark_armed && (__s32)(ack - state->mark) >= 0)
		state->mark_armed = 0;
	else if (!state->recovering || (__s32)(ack - state->recovery) < 0)
		return 0;
	if (state->recovering && (__s32)(ack - state->recovery) >= 0)
		state->recovering = 0;
	if (!owner_wanted(state) || !(event = reserve_event()))
		return 0;
	set_socket(event, sk, tp, state);
	event->type = CROSSLAYER_ACKED;
	event->acked = offset_of(ack, state->sent_base, event->acked);
	if (event->acked > event->written)
		event->acked = event->written;
	submit_event(event);
	return 0;
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(on_destroy, struct sock *sk)
{
	const struct tcp_sock *tp = wanted_tcp(sk);

	/* A listener, or a socket that never got as far as a peer, has no peer port. */
	if (tp && peer_port_of(sk) != 0)
		emit_socket(CROSSLAYER_CLOSE, sk, tp, state_of(sk, tp), 0);
	return 0;
}

SEC("tp_btf/tcp_retransmit_skb")
int BPF_PROG(on_retransmit, struct sock *sk, struct sk_buff *skb)
{
	const struct tcp_sock *tp = wanted_tcp(sk);
	struct crosslayer_event *event;
	struct socket_state *state;
	struct tcp_skb_cb cb;

	if (!tp)
		return 0;
	state = state_of(sk, tp);
	if (!state || !owner_wanted(state) || bpf_probe_read_kernel(&cb, sizeof(cb), skb->cb))
		return 0;
	/* So that on_segment reports when it has arrived. */
	if (!state->recovering || (__s32)(cb.end_seq - state->recovery) > 0)
		state->recovery = cb.end_seq;
	state->recovering = 1;
	event = reserve_event();
	if (!event)
		return 0;
	set_socket(event, sk, tp, state);
	event->type = CROSSLAYER_RETRANSMIT;
	event->bytes = BPF_CORE_READ(skb, len);
	if (event->new_state != TCP_SYN_SENT)
		event->range_start = offset_of(cb.seq, state->sent_base, event->acked);
	submit_event(event);
	return 0;
}

SEC("tp_btf/tcp_retransmit_synack")
int BPF_PROG(on_synack_retransmit, struct sock *listener, struct request_sock *request)
{
	const struct sock_common *common = &request->__req_common;
	struct crosslayer_event *event;

	/* The owner of a request is not known before it is accepted. */
	if (filter_pid || !port_wanted(common->skc_num, bpf_ntohs(common->skc_dport)))
		return 0;
	event = reserve_event();
	if (!event)
		return 0;
	event->type = CROSSLAYER_SYNACK_RETRANSMIT;
	event->role = CROSSLAYER_ROLE_PASSIVE;
	event->socket_cookie = common->skc_cookie.counter;
	event->netns_cookie = common->skc_net.net->net_cookie;
	event->local_port = common->skc_num;
	event->peer_port = bpf_ntohs(common->skc_dport);
	event->old_state = event->new_state = TCP_SYN_RECV;
	set_addresses(event, common);
	submit_event(event);
	return 0;
}

SEC("tp_btf/tcp_send_reset")
int BPF_PROG(on_reset_sent, struct sock *sk, struct sk_buff *skb, int reason)
{
	const struct tcp_sock *tp = sk ? bpf_skc_to_tcp_sock(sk) : 0;
	struct packet_tuple tuple = {};
	struct crosslayer_event *event;
	struct socket_state *state;

	/* Null without a socket, or with one in TIME_WAIT; a listener is not the connection either. */
	if (!tp || sk->__sk_common.skc_state == TCP_LISTEN) {
		if (skb && read_packet(skb, &tuple))
			emit_packet(CROSSLAYER_RESET_SENT, skb, &tuple, false, reason);
		return 0;
	}
	if (!port_wanted(local_port_of(tp), peer_port_of(sk)))
		return 0;
	state = state_of(sk, tp);
	if (!owner_wanted(state) || !(event = reserve_event()))
		return 0;
	set_socket(event, sk, tp, state);
	event->type = CROSSLAYER_RESET_SENT;
	event->reason = reason;
	submit_event(event);
	return 0;
}

SEC("tp_btf/tcp_receive_reset")
int BPF_PROG(on_reset_received, struct sock *sk)
{
	const struct tcp_sock *tp = wanted_tcp(sk);

	if (tp)
		emit_socket(CROSSLAYER_RESET_RECEIVED, sk, tp, state_of(sk, tp), 0);
	return 0;
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(on_drop, struct sk_buff *skb, void *location, int reason)
{
	struct packet_tuple tuple = {};
	struct sock *sk;
	bool outgoing;

	if (reason == 0 || !read_packet(skb, &tuple))
		return 0;
	/* A packet on its way out still belongs to the socket that sent it: the source port is the local one. */
	sk = BPF_CORE_READ(skb, sk);
	outgoing = sk && BPF_CORE_READ(sk, __sk_common.skc_num) == tuple.source_port;
	emit_packet(CROSSLAYER_DROP, skb, &tuple, outgoing, reason);
	return 0;
}

/* Once at the start: the connections that were there before, in the caller's network namespace. */
SEC("iter/tcp")
int on_present(struct bpf_iter__tcp *context)
{
	struct sock_common *common = context->sk_common;
	struct tcp_sock *tp = common ? bpf_skc_to_tcp_sock(common) : 0;
	struct sock *sk = (struct sock *)tp;

	if (tp && common->skc_state == TCP_ESTABLISHED && port_wanted(local_port_of(tp), peer_port_of(sk)))
		emit_socket(CROSSLAYER_STATE, sk, tp, state_of(sk, tp), 0);
	return 0;
}
