/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Summaries: where settings.summarise says so, calls and acknowledgements are kept with their socket, and one record tells of
 * them: when all that was sent is acknowledged, or the peer has no room for it; when a client has read all that arrived; before
 * anything else of the socket is told; and when anything happens to the socket KEPT_AT_MOST_NS later. A socket that waits for its
 * own application is what keeps a summary for longer. What is read while a send has not returned is told by itself.
 *
 * Direct programs only: the others have no access to socket storage, and no lock.
 */
#ifndef CROSSLAYER_SUMMARIES_H
#define CROSSLAYER_SUMMARIES_H

#define KEPT_AT_MOST_NS 100000000ULL

struct socket_summary {
	struct bpf_spin_lock lock; /* a call in process context and an acknowledgement in softirq, on two CPUs */
	__u32 calls;
	struct crosslayer_summary kept;
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct socket_summary);
} socket_summaries SEC(".maps");

/* A summary that was taken out to be told. */
struct taken_summary {
	struct crosslayer_summary summary;
	__u32 calls; /* 0: nothing was taken */
};

/* With the lock held. */
static __always_inline void take_summary(struct socket_summary *from, struct socket_state *state, struct taken_summary *taken)
{
	taken->summary = from->kept;
	taken->calls = from->calls;
	__builtin_memset(&from->kept, 0, sizeof(from->kept));
	from->calls = 0;
	state->kept_ns = 0;
}

static __noinline void emit_summary(struct sock *sk, struct tcp_sock *tp, struct socket_state *state,
				    const struct taken_summary *taken)
{
	struct crosslayer_exchange *exchange;

	if (!taken->calls || !owner_wanted(state))
		return;
	exchange = reserve_record(sizeof(*exchange));
	if (!exchange)
		return;
	set_socket(true, &exchange->end, sk, tp, state);
	exchange->end.bytes = taken->calls;
	exchange->summary = taken->summary;
	submit_event(&exchange->end);
}

/* Before anything else of the socket is told. */
static __always_inline void tell_kept(bool direct, struct sock *sk, struct tcp_sock *tp, struct socket_state *state)
{
	struct socket_summary *summary;
	struct taken_summary taken;

	if (!direct || states_in_hash || !state->kept_ns || !(summary = bpf_sk_storage_get(&socket_summaries, sk, 0, 0)))
		return;
	bpf_spin_lock(&summary->lock);
	take_summary(summary, state, &taken);
	bpf_spin_unlock(&summary->lock);
	emit_summary(sk, tp, state, &taken);
}

static __always_inline void tell_old(bool direct, struct sock *sk, struct tcp_sock *tp, struct socket_state *state)
{
	if (direct && !states_in_hash && state->kept_ns && bpf_ktime_get_ns() - state->kept_ns > KEPT_AT_MOST_NS)
		tell_kept(direct, sk, tp, state);
}

/* Which of two streams is the request's has to be known, and where they began. */
static __always_inline bool summarises(bool direct, const struct socket_state *state)
{
	return direct && !states_in_hash && settings.summarise && state->has_bases && state->role != CROSSLAYER_ROLE_UNKNOWN;
}

/* A call moved a stream on. False if the call has to be told of by itself, since nothing can be kept, or need be. */
static __always_inline bool keep_call(struct sock *sk, struct tcp_sock *tp, struct socket_state *state, bool outbound, __u32 length)
{
	bool request = outbound == (state->role == CROSSLAYER_ROLE_ACTIVE), over, begins;
	struct stream_offsets offsets;
	__u64 offset, other;
	struct socket_summary *summary = bpf_sk_storage_get(&socket_summaries, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	struct crosslayer_summary *kept;
	struct crosslayer_run *run;
	struct taken_summary taken;
	__u32 srtt_us = tp->srtt_us >> 3;
	__u64 now = bpf_ktime_get_ns();

	if (!summary)
		return false;
	/* A send has not returned: this may read what answers it, and which bytes were first is in the offsets of single events alone. */
	if (!outbound && !state->fin_queued && tp->write_seq != state->mark)
		return false;
	read_offsets(true, sk, tp, state, &offsets);
	offset = outbound ? offsets.written : offsets.copied;
	other = outbound ? offsets.copied : offsets.written;
	kept = &summary->kept;
	taken.calls = 0;
	bpf_spin_lock(&summary->lock);
	/* What does not follow is another exchange, or another part. */
	if (kept->acked.ns ? outbound : request && kept->response.first.ns)
		take_summary(summary, state, &taken);
	bpf_spin_unlock(&summary->lock);
	emit_summary(sk, tp, state, &taken);

	taken.calls = 0;
	run = request ? &kept->request : &kept->response;
	bpf_spin_lock(&summary->lock);
	begins = !summary->calls;
	if (begins) {
		kept->request.start = kept->response.start = other;
		kept->acked_before = offsets.acked;
		state->kept_ns = now;
	}
	if (!run->first.ns) {
		run->start = offset - length;
		run->first.ns = now;
		run->first.offset = offset;
	} else if (request && now - run->last.ns > kept->gap_end.ns - kept->gap_start.ns) {
		kept->gap_start = run->last;
		kept->gap_end.ns = now;
		kept->gap_end.offset = offset;
	}
	run->last.ns = now;
	run->last.offset = offset;
	summary->calls++;
	if (srtt_us && (!kept->least_srtt_us || srtt_us < kept->least_srtt_us))
		kept->least_srtt_us = srtt_us;
	if (srtt_us > kept->most_srtt_us)
		kept->most_srtt_us = srtt_us;
	/* The acknowledgement may be in before the call returns: see mark_written(). */
	if (outbound && !state->mark_armed) {
		kept->acked.ns = now;
		kept->acked.offset = offset;
	}
	/* Bytes that the peer has no room for may wait for ever, and nothing happens meanwhile. */
	over = outbound ? kept->acked.ns || tp->write_seq - tp->snd_una > tp->snd_wnd : !request && offsets.copied >= offsets.received;
	if (over || now - state->kept_ns > KEPT_AT_MOST_NS)
		take_summary(summary, state, &taken);
	bpf_spin_unlock(&summary->lock);
	/* One call needs no summary. */
	if (taken.calls == 1)
		return false;
	emit_summary(sk, tp, state, &taken);
	return true;
}

/* All that was sent is acknowledged. False if the calls that sent it are told already, or not kept: then this has to be told by itself. */
static __always_inline bool keep_acked(struct sock *sk, struct tcp_sock *tp, struct socket_state *state, __u64 offset)
{
	struct socket_summary *summary;
	struct crosslayer_summary *kept;
	struct taken_summary taken;
	__u64 now = bpf_ktime_get_ns();
	bool follows;

	if (!state->kept_ns || !(summary = bpf_sk_storage_get(&socket_summaries, sk, 0, 0)))
		return false;
	kept = &summary->kept;
	bpf_spin_lock(&summary->lock);
	follows = (state->role == CROSSLAYER_ROLE_ACTIVE ? kept->request.first.ns : kept->response.first.ns) != 0;
	if (follows) {
		kept->acked.ns = now;
		kept->acked.offset = offset;
	}
	take_summary(summary, state, &taken);
	bpf_spin_unlock(&summary->lock);
	emit_summary(sk, tp, state, &taken);
	return follows;
}

#endif
