/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Tracepoints: places that the kernel itself offers to be watched. Typed (tp_btf), then raw (raw_tp). */
#ifndef CROSSLAYER_HOOKS_TRACEPOINT_H
#define CROSSLAYER_HOOKS_TRACEPOINT_H

DEPUTISED(tp_state, DEPUTISED_STATE, inet_sock_set_state, handle_state(true, sk, old_state, new_state),
	  struct sock *sk, int old_state, int new_state)

/* inet_csk_clone_lock() sets an accepted socket's name to that of its request, which has none: at its birth there is none to read. */
static __always_inline bool is_birth(int old_state, int new_state)
{
	return old_state == TCP_SYN_RECV && new_state == TCP_ESTABLISHED;
}

SEC("raw_tp/inet_sock_set_state")
int BPF_PROG(raw_state, struct sock *sk, int old_state, int new_state)
{
	return is_birth(old_state, new_state) ? 0 : handle_state(false, sk, old_state, new_state);
}

/* Beside hooks that cannot ask for a socket's name: asks, and tells of an accepted socket in their stead. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(tp_birth, struct sock *sk, int old_state, int new_state)
{
	if (is_birth(old_state, new_state))
		return handle_state(true, sk, old_state, new_state);
	if (wanted_tcp(true, sk))
		bpf_get_socket_cookie(sk);
	return 0;
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(tp_send, struct sock *sk, int length)
{
	return handle_send(true, sk, length);
}

SEC("raw_tp/sock_send_length")
int BPF_PROG(raw_send, struct sock *sk, int length)
{
	return handle_send(false, sk, length);
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(tp_recv, struct sock *sk, int length, int flags)
{
	return handle_recv(true, sk, length, flags);
}

SEC("raw_tp/sock_recv_length")
int BPF_PROG(raw_recv, struct sock *sk, int length, int flags)
{
	return handle_recv(false, sk, length, flags);
}

DEPUTISED(tp_destroy, DEPUTISED_DESTROY, tcp_destroy_sock, handle_destroy(true, sk), struct sock *sk)

SEC("raw_tp/tcp_destroy_sock")
int BPF_PROG(raw_destroy, struct sock *sk)
{
	return handle_destroy(false, sk);
}

DEPUTISED(tp_segment, DEPUTISED_SEGMENT, tcp_probe, handle_segment(true, sk, skb), struct sock *sk, struct sk_buff *skb)

SEC("raw_tp/tcp_probe")
int BPF_PROG(raw_segment, struct sock *sk, struct sk_buff *skb)
{
	return handle_segment(false, sk, skb);
}

/* A third argument, where there is one, says why the segment was not sent. */
DEPUTISED(tp_retransmit, DEPUTISED_RETRANSMIT, tcp_retransmit_skb,
	  arguments_of_trace_tcp_retransmit_skb > 2 && ctx[2] ? 0 : handle_retransmit(true, sk, skb),
	  struct sock *sk, struct sk_buff *skb)

SEC("raw_tp/tcp_retransmit_skb")
int BPF_PROG(raw_retransmit, struct sock *sk, struct sk_buff *skb)
{
	if (arguments_of_trace_tcp_retransmit_skb > 2 && ctx[2])
		return 0;
	return handle_retransmit(false, sk, skb);
}

DEPUTISED(tp_synack, DEPUTISED_SYNACK, tcp_retransmit_synack, handle_synack_retransmit(true, listener, request),
	  struct sock *listener, struct request_sock *request)

SEC("raw_tp/tcp_retransmit_synack")
int BPF_PROG(raw_synack, struct sock *listener, struct request_sock *request)
{
	return handle_synack_retransmit(false, listener, request);
}

DEPUTISED(tp_reset_sent, DEPUTISED_RESET_SENT, tcp_send_reset,
	  handle_reset_sent(true, sk, skb, arguments_of_trace_tcp_send_reset > 2 ? ctx[2] : 0),
	  struct sock *sk, struct sk_buff *skb)

SEC("raw_tp/tcp_send_reset")
int BPF_PROG(raw_reset_sent, struct sock *sk, struct sk_buff *skb)
{
	return handle_reset_sent(false, sk, skb, arguments_of_trace_tcp_send_reset > 2 ? ctx[2] : 0);
}

DEPUTISED(tp_reset_recv, DEPUTISED_RESET_RECV, tcp_receive_reset, handle_reset_received(true, sk), struct sock *sk)

SEC("raw_tp/tcp_receive_reset")
int BPF_PROG(raw_reset_recv, struct sock *sk)
{
	return handle_reset_received(false, sk);
}

DEPUTISED(tp_drop, DEPUTISED_DROP, kfree_skb, handle_drop(skb, reason), struct sk_buff *skb, void *location, int reason)

SEC("raw_tp/kfree_skb")
int BPF_PROG(raw_drop, struct sk_buff *skb, void *location, int reason)
{
	return handle_drop(skb, reason);
}

#endif
