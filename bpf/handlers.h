/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What becomes of each thing that TCP does, whatever hook tells of it: one function a kind of event. 'direct' is
 * a constant where they are called: see READ.
 */
#ifndef CROSSLAYER_HANDLERS_H
#define CROSSLAYER_HANDLERS_H

/* Emits an event that needs nothing beyond what the socket tells. */
static __always_inline void emit_socket(bool direct, __u8 type, struct sock *sk, struct tcp_sock *tp,
					struct socket_state *state, __s32 bytes)
{
	struct crosslayer_event *event;

	tell_kept(direct, sk, tp, state);
	if (!owner_wanted(state))
		return;
	event = reserve_event();
	if (!event)
		return;
	set_socket(direct, event, sk, tp, state);
	event->type = type;
	event->bytes = bytes;
	submit_event(event);
}

/* A call that returned: told of by itself, or kept for a summary. */
static __always_inline void emit_call(bool direct, __u8 type, struct sock *sk, struct tcp_sock *tp, struct socket_state *state,
				      __s32 length)
{
	if (summarises(direct, state)) {
		/* It moved nothing, and says nothing that the next event does not say. */
		if (length == -EAGAIN)
			return;
		if (length > 0 && keep_call(sk, tp, state, type == CROSSLAYER_SEND, length))
			return;
	}
	emit_socket(direct, type, sk, tp, state, length);
}

/* connect, accept and state. Called while the socket still has its old state. */
static __always_inline int handle_state(bool direct, struct sock *sk, int old_state, int new_state)
{
	struct tcp_sock *tp;
	struct crosslayer_event *event;
	struct socket_state *state;

	if (old_state == new_state || old_state == TCP_LISTEN || new_state == TCP_LISTEN || !(tp = full_tcp(direct, sk)) ||
	    !(new_state == TCP_SYN_SENT ? beginning_wanted(direct, sk, tp) : socket_wanted(direct, sk, tp)))
		return 0;
	state = state_of(direct, sk, tp);
	if (!state)
		return 0;

	if (new_state == TCP_SYN_SENT) {
		/* Process context, and the local port may not be chosen yet: reported when the outcome is known. */
		__builtin_memset(state, 0, sizeof(*state));
		state->counts_retransmits = 1;
		state->role = CROSSLAYER_ROLE_ACTIVE;
		state->connect_ns = bpf_ktime_get_ns();
		take_owner(state);
		return 0;
	}
	if (new_state == TCP_ESTABLISHED) {
		if (old_state == TCP_SYN_RECV) {
			__builtin_memset(state, 0, sizeof(*state));
			state->role = CROSSLAYER_ROLE_PASSIVE;
			/* It begins with those of its SYN-ACK (tcp_create_openreq_child). */
			state->retransmitted = READ(direct, tp, total_retrans);
			state->counts_retransmits = 1;
		}
		take_bases(direct, tp, state);
	}

	tell_kept(direct, sk, tp, state);
	if (owner_wanted(state) && (event = reserve_event())) {
		set_socket(direct, event, sk, tp, state);
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
		state->final_written = offset_of(READ(direct, tp, write_seq), state->sent_base, READ(direct, tp, bytes_acked));
		state->fin_queued = 1;
	}
	return 0;
}

/*
 * Remembers how far the stream was written, so that handle_segment can report when the peer has it all.
 * The acknowledgement may be on its way through handle_segment right now, before snd_una moves: each side
 * stores its own word, then reads the other's, with an atomic between that orders the two.
 */
static __always_inline void mark_written(bool direct, struct tcp_sock *tp, struct socket_state *state)
{
	state->mark = READ(direct, tp, write_seq);
	state->mark_armed = 1;
	__sync_fetch_and_add(&state->fence, 1);
	if ((__s32)(newest_ack(direct, tp, state) - state->mark) >= 0)
		state->mark_armed = 0;
}

/* send. Process context, after the call: bytes taken, or -errno. */
static __always_inline int handle_send(bool direct, struct sock *sk, int length)
{
	struct tcp_sock *tp = wanted_tcp(direct, sk);
	struct socket_state *state;

	if (!tp)
		return 0;
	state = state_of(direct, sk, tp);
	if (!state)
		return 0;
	take_owner(state);
	/* First: an acknowledgement that is in before is then told with the call, and one that is not is told by itself. */
	if (length > 0)
		mark_written(direct, tp, state);
	emit_call(direct, CROSSLAYER_SEND, sk, tp, state, length);
	return 0;
}

/* recv. Process context, after the call: bytes handed over, or -errno. */
static __always_inline int handle_recv(bool direct, struct sock *sk, int length, int flags)
{
	struct tcp_sock *tp;
	struct socket_state *state;

	/* Neither takes anything from the stream. */
	if (length == -EAGAIN || (flags & (MSG_PEEK | MSG_ERRQUEUE)) || !(tp = wanted_tcp(direct, sk)))
		return 0;
	/* 0 is the end of the stream only after a FIN; else the caller offered no room. */
	if (length == 0 && !fin_received(direct, sk))
		return 0;
	state = state_of(direct, sk, tp);
	if (!state)
		return 0;
	take_owner(state);
	emit_call(direct, CROSSLAYER_RECV, sk, tp, state, length);
	return 0;
}

/* acked. Called for each segment received in ESTABLISHED, before it is applied. */
static __always_inline int handle_segment(bool direct, struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = wanted_tcp(direct, sk);
	struct crosslayer_event *event;
	struct socket_state *state;
	struct tcp_header tcp;
	__u32 ack, una;
	bool idle, all = false;

	if (!tp)
		return 0;
	una = READ(direct, tp, snd_una);
	idle = READ(direct, tp, write_seq) == una;
	/* What waits for its reader is told, too, though nothing is to be acknowledged. */
	if (idle && !settings.summarise)
		return 0;
	state = state_of(direct, sk, tp);
	if (!state)
		return 0;
	tell_old(direct, sk, tp, state);
	if (idle)
		return 0;
	if (bpf_probe_read_kernel(&tcp, sizeof(tcp), READ(direct, skb, head) + READ(direct, skb, transport_header)))
		return 0;
	ack = bpf_ntohl(tcp.acknowledgement);
	/* Old, or beyond what was written: the kernel will not apply it either. */
	if ((__s32)(ack - una) < 0 || (__s32)(READ(direct, tp, write_seq) - ack) < 0)
		return 0;

	state->last_ack = ack;
	__sync_fetch_and_add(&state->fence, 1);
	if (state->mark_armed && (__s32)(ack - state->mark) >= 0) {
		state->mark_armed = 0;
		all = true;
	}
	if (state->recovering && (__s32)(ack - state->recovery) >= 0) {
		state->recovering = 0;
		tell_kept(direct, sk, tp, state);
	} else if (!all) {
		return 0;
	} else if (summarises(direct, state) &&
		   keep_acked(sk, tp, state, offset_of(ack, state->sent_base, READ(direct, tp, bytes_acked)))) {
		return 0;
	}
	if (!owner_wanted(state) || !(event = reserve_event()))
		return 0;
	set_socket(direct, event, sk, tp, state);
	event->type = CROSSLAYER_ACKED;
	event->acked = offset_of(ack, state->sent_base, event->acked);
	if (event->acked > event->written)
		event->acked = event->written;
	submit_event(event);
	return 0;
}

static __always_inline int handle_destroy(bool direct, struct sock *sk)
{
	struct tcp_sock *tp = wanted_tcp(direct, sk);
	struct socket_state *state;

	/* A listener, or a socket that never got as far as a peer, has no peer port. */
	if (tp && peer_port_of(direct, sk) != 0 && (state = state_of(direct, sk, tp)))
		emit_socket(direct, CROSSLAYER_CLOSE, sk, tp, state, 0);
	forget_state(sk);
	return 0;
}

/*
 * A segment was sent again. Of two functions hooked one may or may not call the other, as the compiler chose: the
 * second to return finds that what the kernel counts has been told of.
 */
static __always_inline int handle_retransmit(bool direct, struct sock *sk, struct sk_buff *skb)
{
	struct tcp_sock *tp = wanted_tcp(direct, sk);
	struct crosslayer_event *event;
	struct socket_state *state;
	struct tcp_skb_cb cb;
	__u32 total;

	if (!tp)
		return 0;
	state = state_of(direct, sk, tp);
	total = READ(direct, tp, total_retrans);
	if (!state || state->retransmitted == total)
		return 0;
	state->retransmitted = total;
	state->counts_retransmits = 1;
	if (!owner_wanted(state) || bpf_probe_read_kernel(&cb, sizeof(cb), skb->cb))
		return 0;
	/* So that handle_segment reports when it has arrived. */
	if (!state->recovering || (__s32)(cb.end_seq - state->recovery) > 0)
		state->recovery = cb.end_seq;
	state->recovering = 1;
	tell_kept(direct, sk, tp, state);
	event = reserve_event();
	if (!event)
		return 0;
	set_socket(direct, event, sk, tp, state);
	event->type = CROSSLAYER_RETRANSMIT;
	event->bytes = READ(direct, skb, len);
	if (event->new_state != TCP_SYN_SENT)
		event->range_start = offset_of(cb.seq, state->sent_base, event->acked);
	submit_event(event);
	return 0;
}

static __always_inline int handle_synack_retransmit(bool direct, struct sock *listener, struct request_sock *request)
{
	struct sock_common *common = &request->__req_common;
	__u16 local_port = READ(direct, common, skc_num);
	__u16 peer_port = bpf_ntohs(READ(direct, common, skc_dport));
	struct crosslayer_event *event;
	__u64 netns = netns_of(direct, common);

	/* The owner of a request is not known before it is accepted. */
	if (settings.pid || !ports_wanted(local_port, peer_port) || !netns_wanted(netns) || !cgroup_wanted(listener))
		return 0;
	event = reserve_event();
	if (!event)
		return 0;
	event->type = CROSSLAYER_SYNACK_RETRANSMIT;
	event->role = CROSSLAYER_ROLE_PASSIVE;
	event->socket_cookie = READ(direct, common, skc_cookie.counter);
	event->netns_cookie = netns;
	event->local_port = local_port;
	event->peer_port = peer_port;
	event->old_state = event->new_state = TCP_SYN_RECV;
	set_addresses(direct, event, common);
	submit_event(event);
	return 0;
}

/* skb: the packet that the reset answers; null where the socket itself gives up. */
static __always_inline int handle_reset_sent(bool direct, struct sock *sk, struct sk_buff *skb, int reason)
{
	struct tcp_sock *tp = sk ? full_tcp(direct, sk) : 0;
	struct packet_tuple tuple = {};
	struct socket_state *state;
	struct crosslayer_event *event;

	/* Null without a socket, or with one in TIME_WAIT; a listener is not the connection either. */
	if (!tp || READ(direct, sk, __sk_common.skc_state) == TCP_LISTEN) {
		if (skb && read_packet(skb, &tuple))
			emit_packet(CROSSLAYER_RESET_SENT, skb, &tuple, false, reason);
		return 0;
	}
	if (!socket_wanted(direct, sk, tp))
		return 0;
	state = state_of(direct, sk, tp);
	if (!state)
		return 0;
	tell_kept(direct, sk, tp, state);
	if (!owner_wanted(state) || !(event = reserve_event()))
		return 0;
	set_socket(direct, event, sk, tp, state);
	event->type = CROSSLAYER_RESET_SENT;
	event->reason = reason;
	submit_event(event);
	return 0;
}

/* The same where the function is called before it looks whether a reset is due: a reset is never answered. */
static __always_inline int handle_reset_answer(bool direct, struct sock *sk, struct sk_buff *skb, int reason)
{
	struct tcp_header tcp;

	if (bpf_probe_read_kernel(&tcp, sizeof(tcp), READ(direct, skb, head) + READ(direct, skb, transport_header)) ||
	    (tcp.flags & TCP_FLAG_RST))
		return 0;
	return handle_reset_sent(direct, sk, skb, reason);
}

static __always_inline int handle_reset_received(bool direct, struct sock *sk)
{
	struct tcp_sock *tp = wanted_tcp(direct, sk);
	struct socket_state *state;

	if (tp && (state = state_of(direct, sk, tp)))
		emit_socket(direct, CROSSLAYER_RESET_RECEIVED, sk, tp, state, 0);
	return 0;
}

/* Not by a socket's fields: whose packet it was, the packet tells. */
static __always_inline int handle_drop(struct sk_buff *skb, int reason)
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

#endif
