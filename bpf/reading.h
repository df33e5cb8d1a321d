/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Reading the kernel's memory, from any kind of program. */
#ifndef CROSSLAYER_READING_H
#define CROSSLAYER_READING_H

/*
 * A program on a typed tracepoint, fentry, fexit or an iterator is 'direct': the verifier knows its arguments' types,
 * and a field is a load. In a kprobe or a raw tracepoint an argument is a number, and each field is copied by a
 * helper. The handlers are written once and inlined with a constant for 'direct'.
 */
#define READ(direct, source, field)                                                                                    \
	({                                                                                                             \
		typeof((source)->field) value__;                                                                       \
		if (direct)                                                                                            \
			value__ = (source)->field;                                                                     \
		else                                                                                                   \
			bpf_core_read(&value__, sizeof(value__), &(source)->field);                                    \
		value__;                                                                                               \
	})

#define READ_BITFIELD(direct, source, field)                                                                           \
	((direct) ? BPF_CORE_READ_BITFIELD(source, field) : BPF_CORE_READ_BITFIELD_PROBED(source, field))

#endif
