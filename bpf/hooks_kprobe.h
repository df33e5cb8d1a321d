/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* kprobes and kretprobes: the same functions as hooks_fentry.h, where the kernel or the machine has no trampolines. */
#ifndef CROSSLAYER_HOOKS_KPROBE_H
#define CROSSLAYER_HOOKS_KPROBE_H

/* Idle threads are all 0: one a CPU, which it never leaves. */
static __always_inline __u64 this_thread(void)
{
	__u64 thread = bpf_get_current_pid_tgid();

	return thread ? thread : 1 + bpf_get_smp_processor_id();
}

/* Entry of a function whose missed calls are counted elsewhere. */
static __always_inline int note(enum noted_function function, void *first, __u64 second)
{
	struct call_key key = { this_thread(), function };
	struct call call = { (__u64)first, second };

	bpf_map_update_elem(&calls, &key, &call, BPF_ANY);
	return 0;
}

/*
 * Entry of a function. A call that is still noted has returned unseen, or this one interrupts it: then its
 * return will find nothing. Either way an event is lost, and counted.
 */
static __always_inline int enter(enum noted_function function, void *first, __u64 second)
{
	struct call_key key = { this_thread(), function };
	struct call call = { (__u64)first, second };

	if (bpf_map_update_elem(&calls, &key, &call, BPF_NOEXIST)) {
		count_lost(1);
		bpf_map_update_elem(&calls, &key, &call, BPF_ANY);
	}
	return 0;
}

/* Its return: false if the call began before the probe did. */
static __always_inline bool leave(enum noted_function function, struct call *call)
{
	struct call_key key = { this_thread(), function };
	struct call *noted = bpf_map_lookup_elem(&calls, &key);

	if (!noted)
		return false;
	*call = *noted;
	bpf_map_delete_elem(&calls, &key);
	return true;
}

/*
 * The kernel does not run a kprobe's program that interrupts another kprobe's on its CPU, and counts that only since
 * Linux 6.7 (trace_call_bpf, kernel/trace/bpf_trace.c). Retransmits, which timers and arriving segments cause, it counts
 * itself: what it counted beyond those told of, and beyond the segments in hand, was skipped, and is lost.
 */
static __always_inline void count_skipped_retransmits(struct sock *sk, __u32 in_hand, bool failed)
{
	struct tcp_sock *tp = wanted_tcp(false, sk);
	struct socket_state *state;
	__u32 total;

	if (!kprobe_retransmits || !tp || !(state = state_of(false, sk, tp)) || !state->counts_retransmits)
		return;
	total = READ(false, tp, total_retrans);
	if ((__s32)(total - in_hand - state->retransmitted) > 0)
		count_lost(total - in_hand - state->retransmitted);
	/* The kernel counts one that fails, too, and it is not told of. */
	if (failed)
		state->retransmitted = total;
}

/* A return of tcp_retransmit_skb or __tcp_retransmit_skb. */
static __always_inline int handle_retransmit_return(struct call *call, int result)
{
	struct sock *sk = (struct sock *)call->first;
	struct sk_buff *skb = (struct sk_buff *)call->second;
	struct tcp_skb_cb *cb = (struct tcp_skb_cb *)skb->cb;

	count_skipped_retransmits(sk, READ(false, cb, tcp_gso_segs), result);
	return result ? 0 : handle_retransmit(false, sk, skb);
}

SEC("kprobe/tcp_set_state")
int BPF_KPROBE(kprobe_state, struct sock *sk, int new_state)
{
	int old_state = READ(false, sk, __sk_common.skc_state);

	return is_birth(old_state, new_state) ? 0 : handle_state(false, sk, old_state, new_state);
}

SEC("kprobe/tcp_sendmsg")
int BPF_KPROBE(kprobe_send, struct sock *sk)
{
	return enter(TCP_SENDMSG, sk, 0);
}

SEC("kretprobe/tcp_sendmsg")
int BPF_KRETPROBE(kretprobe_send, int result)
{
	struct call call;

	return leave(TCP_SENDMSG, &call) ? handle_send(false, (struct sock *)call.first, result) : 0;
}

/* sendfile and splice, until Linux 6.5 made them a tcp_sendmsg. */
SEC("kprobe/tcp_sendpage")
int BPF_KPROBE(kprobe_sendpage, struct sock *sk)
{
	return enter(TCP_SENDPAGE, sk, 0);
}

SEC("kretprobe/tcp_sendpage")
int BPF_KRETPROBE(kretprobe_sendpage, int result)
{
	struct call call;

	return leave(TCP_SENDPAGE, &call) ? handle_send(false, (struct sock *)call.first, result) : 0;
}

SEC("kprobe/tcp_recvmsg")
int BPF_KPROBE(kprobe_recv, struct sock *sk)
{
	__u64 flags = PT_REGS_PARM4(ctx);

	/* Else the compiler chooses between two addresses in the context, which the verifier refuses. */
	barrier_var(flags);
	if (arguments_of_tcp_recvmsg == 6)
		flags = PT_REGS_PARM5(ctx);
	return enter(TCP_RECVMSG, sk, flags);
}

SEC("kretprobe/tcp_recvmsg")
int BPF_KRETPROBE(kretprobe_recv, int result)
{
	struct call call;

	return leave(TCP_RECVMSG, &call) ? handle_recv(false, (struct sock *)call.first, result, call.second) : 0;
}

SEC("kprobe/tcp_v4_destroy_sock")
int BPF_KPROBE(kprobe_destroy, struct sock *sk)
{
	count_skipped_retransmits(sk, 0, false);
	return handle_destroy(false, sk);
}

SEC("kprobe/tcp_rcv_established")
int BPF_KPROBE(kprobe_segment, struct sock *sk, struct sk_buff *skb)
{
	return handle_segment(false, sk, skb);
}

SEC("kprobe/tcp_retransmit_skb")
int BPF_KPROBE(kprobe_retrans, struct sock *sk, struct sk_buff *skb)
{
	return note(TCP_RETRANSMIT_SKB, sk, (__u64)skb);
}

SEC("kretprobe/tcp_retransmit_skb")
int BPF_KRETPROBE(kretprobe_retrans, int result)
{
	struct call call;

	return leave(TCP_RETRANSMIT_SKB, &call) ? handle_retransmit_return(&call, result) : 0;
}

/* Loss probes come by it alone; tcp_retransmit_skb calls it, or has the same inlined. */
SEC("kprobe/__tcp_retransmit_skb")
int BPF_KPROBE(kprobe_retrans_2, struct sock *sk, struct sk_buff *skb)
{
	return note(__TCP_RETRANSMIT_SKB, sk, (__u64)skb);
}

SEC("kretprobe/__tcp_retransmit_skb")
int BPF_KRETPROBE(kretprobe_retrans_2, int result)
{
	struct call call;

	return leave(__TCP_RETRANSMIT_SKB, &call) ? handle_retransmit_return(&call, result) : 0;
}

SEC("kprobe/tcp_rtx_synack")
int BPF_KPROBE(kprobe_synack, struct sock *listener, struct request_sock *request)
{
	return enter(TCP_RTX_SYNACK, listener, (__u64)request);
}

SEC("kretprobe/tcp_rtx_synack")
int BPF_KRETPROBE(kretprobe_synack, int result)
{
	struct call call;

	if (!leave(TCP_RTX_SYNACK, &call) || result)
		return 0;
	return handle_synack_retransmit(false, (struct sock *)call.first, (struct request_sock *)call.second);
}

SEC("kprobe/tcp_v4_send_reset")
int BPF_KPROBE(kprobe_reset_v4, struct sock *sk, struct sk_buff *skb, int reason)
{
	return handle_reset_answer(false, sk, skb, arguments_of_tcp_v4_send_reset > 2 ? reason : 0);
}

SEC("kprobe/tcp_v6_send_reset")
int BPF_KPROBE(kprobe_reset_v6, struct sock *sk, struct sk_buff *skb, int reason)
{
	return handle_reset_answer(false, sk, skb, arguments_of_tcp_v4_send_reset > 2 ? reason : 0);
}

SEC("kprobe/tcp_send_active_reset")
int BPF_KPROBE(kprobe_reset, struct sock *sk, int priority, int reason)
{
	return handle_reset_sent(false, sk, 0, arguments_of_tcp_send_active_reset > 2 ? reason : 0);
}

SEC("kprobe/tcp_reset")
int BPF_KPROBE(kprobe_reset_recv, struct sock *sk)
{
	return handle_reset_received(false, sk);
}

#endif
