/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* fentry and fexit: the entry and the return of the kernel's own functions, through a BPF trampoline. */
#ifndef CROSSLAYER_HOOKS_FENTRY_H
#define CROSSLAYER_HOOKS_FENTRY_H

SEC("fentry/tcp_set_state")
int BPF_PROG(fentry_state, struct sock *sk, int new_state)
{
	return handle_state(true, sk, sk->__sk_common.skc_state, new_state);
}

SEC("fexit/tcp_sendmsg")
int BPF_PROG(fexit_send, struct sock *sk, void *message, __u64 size, int result)
{
	return handle_send(true, sk, result);
}

/* sendfile and splice, until Linux 6.5 made them a tcp_sendmsg. */
SEC("fexit/tcp_sendpage")
int BPF_PROG(fexit_sendpage, struct sock *sk, void *page, int offset, __u64 size, int flags, int result)
{
	return handle_send(true, sk, result);
}

SEC("fexit/tcp_recvmsg")
int BPF_PROG(fexit_recv, struct sock *sk)
{
	if (arguments_of_tcp_recvmsg == 4)
		return handle_recv(true, sk, ctx[4], ctx[3]);
	if (arguments_of_tcp_recvmsg == 5)
		return handle_recv(true, sk, ctx[5], ctx[3]);
	if (arguments_of_tcp_recvmsg == 6)
		return handle_recv(true, sk, ctx[6], ctx[4]);
	return 0;
}

SEC("fentry/tcp_v4_destroy_sock")
int BPF_PROG(fentry_destroy, struct sock *sk)
{
	return handle_destroy(true, sk);
}

SEC("fentry/tcp_rcv_established")
int BPF_PROG(fentry_segment, struct sock *sk, struct sk_buff *skb)
{
	return handle_segment(true, sk, skb);
}

SEC("fexit/tcp_retransmit_skb")
int BPF_PROG(fexit_retrans, struct sock *sk, struct sk_buff *skb, int segments, int result)
{
	return result ? 0 : handle_retransmit(true, sk, skb);
}

/* Loss probes come by it alone; tcp_retransmit_skb calls it, or has the same inlined. */
SEC("fexit/__tcp_retransmit_skb")
int BPF_PROG(fexit_retrans_2, struct sock *sk, struct sk_buff *skb, int segments, int result)
{
	return result ? 0 : handle_retransmit(true, sk, skb);
}

SEC("fexit/tcp_rtx_synack")
int BPF_PROG(fexit_synack, struct sock *listener, struct request_sock *request, int result)
{
	return result ? 0 : handle_synack_retransmit(true, listener, request);
}

SEC("fentry/tcp_v4_send_reset")
int BPF_PROG(fentry_reset_v4, struct sock *sk, struct sk_buff *skb)
{
	return handle_reset_answer(true, sk, skb, arguments_of_tcp_v4_send_reset > 2 ? ctx[2] : 0);
}

SEC("fentry/tcp_v6_send_reset")
int BPF_PROG(fentry_reset_v6, struct sock *sk, struct sk_buff *skb)
{
	return handle_reset_answer(true, sk, skb, arguments_of_tcp_v4_send_reset > 2 ? ctx[2] : 0);
}

SEC("fentry/tcp_send_active_reset")
int BPF_PROG(fentry_reset, struct sock *sk)
{
	return handle_reset_sent(true, sk, 0, arguments_of_tcp_send_active_reset > 2 ? ctx[2] : 0);
}

SEC("fentry/tcp_reset")
int BPF_PROG(fentry_reset_recv, struct sock *sk)
{
	return handle_reset_received(true, sk);
}

#endif
