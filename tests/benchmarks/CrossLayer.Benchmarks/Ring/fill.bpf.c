// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* Fills a ring buffer with events of the probe's size, as fast as it can: what the two consumers are to drain. */
#include "../../../../bpf/kernel_types.h"
#include <bpf/bpf_helpers.h>
#include "../../../../bpf/crosslayer_event.h"

#define EVENTS_PER_RUN 256

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20);
} events SEC(".maps");

SEC("syscall")
int fill(void *context)
{
	for (int i = 0; i < EVENTS_PER_RUN; i++) {
		struct crosslayer_event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

		if (!event)
			return i;
		__builtin_memset(event, 0, sizeof(*event));
		event->timestamp_ns = i + 1;
		event->type = CROSSLAYER_SEND;
		bpf_ringbuf_submit(event, BPF_RB_NO_WAKEUP);
	}
	return EVENTS_PER_RUN;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
