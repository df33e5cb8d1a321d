/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Where kernels differ in more than the place of a field, which CO-RE mends: each with its version and its reason.
 *
 * User space looks up how many arguments the running kernel's tracepoint or function has (its BTF) and writes it
 * here before loading; the verifier then sees a constant and never looks at the branch of another kernel.
 * The name says what is counted: arguments_of_FUNCTION or arguments_of_trace_TRACEPOINT; 0: this kernel has none.
 */
#ifndef CROSSLAYER_KERNEL_VERSIONS_H
#define CROSSLAYER_KERNEL_VERSIONS_H

/*
 * Linux 6.10 added why a reset is sent (enum sk_rst_reason) as the last argument, and at the same time let the
 * tracepoint tell of resets that answer a packet without a socket.
 */
const volatile __u8 arguments_of_trace_tcp_send_reset = 0;
const volatile __u8 arguments_of_tcp_v4_send_reset = 0;
const volatile __u8 arguments_of_tcp_send_active_reset = 0;

/*
 * 6.18 has a third argument, the error, and also tells of segments that failed here and were never sent; 6.1 tells of
 * those that were.
 */
const volatile __u8 arguments_of_trace_tcp_retransmit_skb = 0;

/*
 * tcp_recvmsg(sk, msg, len, [nonblock,] flags[, addr_len]): Linux 5.19 folded nonblock into flags; 6.1 has addr_len, 6.18
 * does not. fexit finds the result behind the last argument.
 */
const volatile __u8 arguments_of_tcp_recvmsg = 0;

#endif
