// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * CrossLayer's kernel side: programs that turn what TCP does into kernel events.
 * Passive: nothing here delays, alters or drops traffic, and no payload is read.
 *
 * For each kind of event there are several hooks, and user space loads one set of them: what this kernel offers
 * and allows (HookLadders.cs). handlers.h is the same for all.
 */
#include <stdbool.h>
#include "kernel_types.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>
#include "crosslayer_event.h"
#include "crosslayer_settings.h"
#include "kernel_versions.h"
#include "maps.h"
#include "reading.h"
#include "sockets.h"
#include "streams.h"
#include "states.h"
#include "packets.h"
#include "summaries.h"
#include "handlers.h"
#include "deputies.h"
#include "hooks_tracepoint.h"
#include "hooks_fentry.h"
#include "hooks_kprobe.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* Once at the start: the connections that were there before, in the caller's network namespace. */
SEC("iter/tcp")
int iter_present(struct bpf_iter__tcp *context)
{
	struct sock_common *common = context->sk_common;
	struct tcp_sock *tp = common ? bpf_skc_to_tcp_sock(common) : 0;
	struct sock *sk = (struct sock *)tp;
	struct socket_state *state;

	if (tp && common->skc_state == TCP_ESTABLISHED && socket_wanted(true, sk, tp) &&
	    (state = state_of(true, sk, tp)))
		emit_socket(true, CROSSLAYER_STATE, sk, tp, state, 0);
	return 0;
}
