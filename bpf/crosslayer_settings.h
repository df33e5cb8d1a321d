/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What user space may change while the programs run: what is watched, and how it is told.
 *
 * KernelSettings.cs mirrors the layout, and a test compares the two. A change is not atomic: user space marks the time in which
 * it happens as one in which events may be missing.
 */
#ifndef CROSSLAYER_SETTINGS_H
#define CROSSLAYER_SETTINGS_H

enum crosslayer_limits {
	CROSSLAYER_PORT_WORDS = 1024,	/* a bit for each port */
	CROSSLAYER_MAX_NETNS = 8,
	CROSSLAYER_MAX_CGROUPS = 8,
};

/* A control group of the default hierarchy, and all below it. */
struct crosslayer_cgroup {
	__u64 id;
	__u64 level;			/* how far below the root it is */
};

struct crosslayer_settings {
	__u64 ports[CROSSLAYER_PORT_WORDS];	/* a connection is told of if either port's bit is set */
	__u64 local_ports[CROSSLAYER_PORT_WORDS];	/* and a socket if its own port's is set here, too */
	__u64 netns[CROSSLAYER_MAX_NETNS];	/* by their cookies */
	struct crosslayer_cgroup cgroups[CROSSLAYER_MAX_CGROUPS];
	__u32 pid;				/* owner's tgid; 0: every process */
	__u8 any_port;				/* 1: whatever 'ports' says */
	__u8 any_local_port;			/* 1: whatever 'local_ports' says */
	__u8 netns_count;			/* 0: every one */
	__u8 cgroup_count;			/* 0: every one */
	__u8 summarise;				/* 1: exchanges are told of, and not each call */
	__u8 chosen;				/* 1: all of the above says what is watched; 0: nothing is yet, or it is being changed */
	__u8 padding[6];
};

struct crosslayer_settings settings SEC(".data.settings") = { .any_port = 1, .any_local_port = 1, .chosen = 1 };

#endif
