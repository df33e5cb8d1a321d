/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The kernel does not start a program on a CPU that is inside it already (bpf_prog_get_recursion_context, and
 * __bpf_trace_run in kernel/trace/bpf_trace.c): what an interrupt brings while the program works would pass unseen.
 * So a program that can be interrupted by its own tracepoint has a deputy there, which returns at once unless the
 * program is engaged on this CPU. What interrupts both is missed, and the kernel counts it.
 */
#ifndef CROSSLAYER_DEPUTIES_H
#define CROSSLAYER_DEPUTIES_H

enum deputised {
	DEPUTISED_STATE,
	DEPUTISED_DESTROY,
	DEPUTISED_SEGMENT,
	DEPUTISED_RETRANSMIT,
	DEPUTISED_SYNACK,
	DEPUTISED_RESET_SENT,
	DEPUTISED_RESET_RECV,
	DEPUTISED_DROP,
};

static __always_inline struct crosslayer_cpu_stats *this_cpu_stats(void)
{
	__u32 cpu = bpf_get_smp_processor_id();

	return bpf_map_lookup_elem(&cpu_stats, &cpu);
}

/* False where the program is engaged: before Linux 6.1 the kernel started it nevertheless, and its deputy comes, too. */
static __always_inline bool engage(enum deputised program)
{
	volatile struct crosslayer_cpu_stats *stats = this_cpu_stats();

	if (!stats)
		return true;
	if (stats->engaged[program])
		return false;
	stats->engaged[program] = 1;
	return true;
}

static __always_inline void disengage(enum deputised program)
{
	volatile struct crosslayer_cpu_stats *stats = this_cpu_stats();

	if (stats)
		stats->engaged[program] = 0;
}

/* True, and counted, where the program is engaged. */
static __always_inline bool deputise(enum deputised program)
{
	volatile struct crosslayer_cpu_stats *stats = this_cpu_stats();

	if (!stats || !stats->engaged[program])
		return false;
	__sync_fetch_and_add(&stats->deputy_runs, 1);
	return true;
}

/* A program on a typed tracepoint, and its deputy: both do what 'work' says. */
#define DEPUTISED(name, program, tracepoint, work, args...)                                                            \
	SEC("tp_btf/" #tracepoint)                                                                                     \
	int BPF_PROG(name, args)                                                                                       \
	{                                                                                                              \
		if (!engage(program))                                                                                  \
			return 0;                                                                                      \
		work;                                                                                                  \
		disengage(program);                                                                                    \
		return 0;                                                                                              \
	}                                                                                                              \
                                                                                                                       \
	SEC("tp_btf/" #tracepoint)                                                                                     \
	int BPF_PROG(name##_deputy, args)                                                                              \
	{                                                                                                              \
		if (deputise(program))                                                                                 \
			work;                                                                                          \
		return 0;                                                                                              \
	}

#endif
