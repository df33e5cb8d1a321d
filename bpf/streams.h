/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* How far each stream of a socket has come, in bytes from its beginning. */
#ifndef CROSSLAYER_STREAMS_H
#define CROSSLAYER_STREAMS_H

/* At the handshake's end: nothing is written yet, nothing has arrived. */
static __always_inline void take_bases(bool direct, struct tcp_sock *tp, struct socket_state *state)
{
	state->sent_base = state->mark = READ(direct, tp, write_seq);
	state->received_base = READ(direct, tp, rcv_nxt);
	state->last_ack = READ(direct, tp, snd_una);
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
		state->last_ack = una;
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

/* What handle_segment has seen may not have been applied yet. */
static __always_inline __u32 newest_ack(bool direct, struct tcp_sock *tp, const struct socket_state *state)
{
	__u32 una = READ(direct, tp, snd_una);

	return state->last_ack - una <= READ(direct, tp, write_seq) - una ? state->last_ack : una;
}

struct stream_offsets {
	__u64 written;
	__u64 acked;
	__u64 received;
	__u64 copied;
};

/* The peer's FIN arrived. */
static __always_inline bool fin_received(bool direct, struct sock *sk)
{
	return READ(direct, sk, __sk_common.skc_flags) & (1UL << SOCK_DONE);
}

/*
 * A FIN takes a sequence number: as tcp_inq() does, leave it out once the peer's has arrived; and write_seq counts our own once
 * it is queued.
 */
static __always_inline void read_offsets(bool direct, struct sock *sk, struct tcp_sock *tp, const struct socket_state *state,
					 struct stream_offsets *offsets)
{
	__u64 received = READ(direct, tp, bytes_received), acked = READ(direct, tp, bytes_acked);

	offsets->received = offset_of(READ(direct, tp, rcv_nxt), state->received_base, received);
	offsets->copied = offset_of(READ(direct, tp, copied_seq), state->received_base, received);
	if (fin_received(direct, sk) && offsets->received > 0)
		offsets->received--;
	if (offsets->copied > offsets->received)
		offsets->copied = offsets->received;

	offsets->acked = offset_of(newest_ack(direct, tp, state), state->sent_base, acked);
	offsets->written = offset_of(READ(direct, tp, write_seq), state->sent_base, acked);
	if (state->fin_queued) {
		if (offsets->written > state->final_written)
			offsets->written = state->final_written;
		if (offsets->acked > state->final_written)
			offsets->acked = state->final_written;
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

#endif
