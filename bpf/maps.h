/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Maps, read-only settings, and the way an event leaves the kernel. */
#ifndef CROSSLAYER_MAPS_H
#define CROSSLAYER_MAPS_H

/* Set by user space between open and load; the verifier sees constants and removes unused branches. */
const volatile __u64 ns_per_jiffy = 0;
const volatile __u64 wakeup_bytes = 65536;	     /* backlog at which the reader is woken early */
const volatile bool kprobe_retransmits = false;	     /* retransmits are told of by kprobes: see count_skipped_retransmits() */
const volatile bool states_in_hash = false;	     /* a chosen hook cannot use socket storage: see socket_states_hash */

/* Keeps the event's types in the object's BTF, for the layout test. */
const struct crosslayer_event *unused_event __attribute__((unused));
const enum crosslayer_event_type *unused_event_type __attribute__((unused));
const enum crosslayer_role *unused_role __attribute__((unused));
const enum crosslayer_flags *unused_flags __attribute__((unused));
const struct crosslayer_exchange *unused_exchange __attribute__((unused));

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 16 << 20); /* resized by user space */
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* resized to the number of possible CPUs */
	__type(key, __u32);
	__type(value, struct crosslayer_cpu_stats);
} cpu_stats SEC(".maps");

/* What the programs remember about a socket; freed by the kernel with it. */
struct socket_state {
	__u64 cookie;			/* 0: not named yet */
	__u64 connect_ns;		/* when the SYN was queued */
	__u64 final_written;		/* length of the sent stream, once our FIN is queued */
	__u64 fence;			/* see mark_written() */
	__u64 kept_ns;			/* since when a summary is kept that is not told yet; 0: none is (summaries.h) */
	__u32 mark;			/* write_seq when send last returned; at first, when the connection was established */
	__u32 recovery;			/* end of the furthest segment that was sent again */
	__u32 sent_base;		/* sequence number of the sent stream's first byte */
	__u32 received_base;		/* and of the received stream's */
	__u32 last_ack;			/* acknowledgement number of the newest segment received */
	__u32 pid;
	__u32 retransmitted;		/* total_retrans when a retransmit was last told of */
	__u8 mark_armed;
	__u8 fin_queued;
	__u8 role;
	__u8 recovering;
	__u8 has_bases;
	__u8 counts_retransmits;	/* 'retransmitted' holds what the kernel counted, from the birth or the first one seen on */
	__u8 padding[6];
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct socket_state);
} socket_states SEC(".maps");

/*
 * The same by the socket's address, where some program is a kprobe or a raw tracepoint: those have no access to
 * socket storage. Forgotten at close and at each birth. When it is full, the socket used least recently is
 * forgotten; what is known of it is learned again.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1); /* resized by user space when in use */
	__type(key, __u64);
	__type(value, struct socket_state);
} socket_states_hash SEC(".maps");

/*
 * What a function was called with, kept by a kprobe for the kretprobe. By function, too: tcp_sendmsg may retransmit on
 * its way out, when it works off what arrived meanwhile.
 */
enum noted_function {
	TCP_SENDMSG,
	TCP_SENDPAGE,
	TCP_RECVMSG,
	TCP_RETRANSMIT_SKB,
	__TCP_RETRANSMIT_SKB,
	TCP_RTX_SYNACK,
};

struct call_key {
	__u64 thread;
	__u64 function;
};

struct call {
	__u64 first;
	__u64 second;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1); /* resized by user space when in use */
	__type(key, struct call_key);
	__type(value, struct call);
} calls SEC(".maps");

/* Of those, events whose socket could not be remembered. */
static __always_inline void count_without_state(void)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct crosslayer_cpu_stats *stats = bpf_map_lookup_elem(&cpu_stats, &cpu);

	if (stats)
		__sync_fetch_and_add(&stats->without_state, 1);
}

/* Events that should have been made and could not be. Counted as such that the ring had no room for. */
static __always_inline void count_lost(__u64 events)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct crosslayer_cpu_stats *stats = bpf_map_lookup_elem(&cpu_stats, &cpu);

	if (!stats)
		return;
	__sync_fetch_and_add(&stats->made, events);
	stats->last_lost_ns = bpf_ktime_get_ns();
	__sync_fetch_and_add(&stats->lost, events);
}

/*
 * Room for a record that begins with an event: the event is zeroed, but for its time, and what follows is not. Its time is taken
 * when it has its place in the ring, though the program may be interrupted for long in between: what is behind it cannot be read
 * before it, and the reader's watermark passes no place that is not written yet.
 */
static __always_inline void *reserve_record(__u64 size)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct crosslayer_cpu_stats *stats = bpf_map_lookup_elem(&cpu_stats, &cpu);
	struct crosslayer_event *event;

	if (!stats)
		return 0;
	/* Atomic: a program in process context can be interrupted by one in softirq on the same CPU. */
	__sync_fetch_and_add(&stats->made, 1);
	event = bpf_ringbuf_reserve(&events, size, 0);
	/*
	 * From Linux 6.15 on nobody waits for the ring's lock for more than 250 ms (kernel/bpf/rqspinlock.c): where the CPU that holds it
	 * is one that a hypervisor does not run, this fails though there is room.
	 */
	if (!event)
		event = bpf_ringbuf_reserve(&events, size, 0);
	if (!event) {
		stats->last_lost_ns = bpf_ktime_get_ns();
		__sync_fetch_and_add(&stats->lost, 1);
		return 0;
	}
	__builtin_memset(event, 0, sizeof(*event));
	event->timestamp_ns = bpf_ktime_get_ns();
	return event;
}

static __always_inline struct crosslayer_event *reserve_event(void)
{
	return reserve_record(sizeof(struct crosslayer_event));
}

/* A wakeup costs more than ten events: the reader drains on a timer and is woken only by a backlog. */
static __always_inline void submit_event(struct crosslayer_event *event)
{
	__u64 backlog = bpf_ringbuf_query(&events, BPF_RB_AVAIL_DATA);

	bpf_ringbuf_submit(event, backlog >= wakeup_bytes ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP);
}

#endif
