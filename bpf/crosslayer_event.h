/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The kernel event: one fact from the kernel about one socket at one time.
 *
 * This header is the only definition of the layout. KernelEvent.cs mirrors it, and a test compares the
 * two through the object's BTF. Padding is explicit, and every field is written for every event.
 */
#ifndef CROSSLAYER_EVENT_H
#define CROSSLAYER_EVENT_H

enum crosslayer_event_type {
	CROSSLAYER_CONNECT = 1,		/* an active open ended: established, refused, timed out or given up */
	CROSSLAYER_ACCEPT = 2,		/* a passive open completed; the connection waits for accept(2) */
	CROSSLAYER_SEND = 3,		/* sendmsg returned: bytes, or -errno */
	CROSSLAYER_RECV = 4,		/* recvmsg returned: bytes, 0 at end of stream, or -errno */
	CROSSLAYER_CLOSE = 5,		/* the socket is gone; its last offsets */
	CROSSLAYER_STATE = 6,		/* any other TCP state change; without a change: the socket is older than the probe */
	CROSSLAYER_RETRANSMIT = 7,	/* a segment was sent again: range_start, bytes */
	CROSSLAYER_SYNACK_RETRANSMIT = 8,
	CROSSLAYER_RESET_SENT = 9,
	CROSSLAYER_RESET_RECEIVED = 10,
	CROSSLAYER_ACKED = 11,		/* the peer acknowledged all that was written when send last returned, or what was sent again */
	CROSSLAYER_DROP = 12,		/* the kernel dropped a TCP packet: reason */
	CROSSLAYER_LOST = 13,		/* made in user space: lost_events went missing in since_ns..timestamp_ns */
	CROSSLAYER_MISSING = 14,	/* made in user space: from timestamp_ns on, the hooks chosen do not tell of (all) events of type reason */
};

enum crosslayer_role {
	CROSSLAYER_ROLE_UNKNOWN = 0,	/* the socket is older than the probe, and its counters do not tell */
	CROSSLAYER_ROLE_ACTIVE = 1,
	CROSSLAYER_ROLE_PASSIVE = 2,
};

enum crosslayer_flags {
	CROSSLAYER_FIN_SENT = 1,	/* our FIN is queued: the stream we send has ended */
	CROSSLAYER_FIN_RECEIVED = 2,	/* the peer's FIN arrived: the stream we receive has ended */
	CROSSLAYER_OUTGOING = 4,	/* drop: the packet was this host's own, on its way out */
	CROSSLAYER_SUMMARISED = 8,	/* made in user space, from an exchange: told at since_ns, and may stand for several */
	CROSSLAYER_PACKET_RST = 16,	/* drop: the packet was a reset */
	CROSSLAYER_PACKET_FIN = 32,	/* drop: the packet ended its sender's stream */
};

/*
 * Stream offsets count payload bytes from the connection's start, without SYN and FIN. Where the role is
 * unknown, the sent stream may count one more.
 * Addresses are IPv6, IPv4 as v4-mapped (RFC 4291, 2.5.5.2), in network order; ports in host order.
 */
struct crosslayer_event {
	__u64 timestamp_ns;		/* CLOCK_MONOTONIC */
	__u64 since_ns;			/* connect: when the SYN was queued; lost: start of the interval; summarised: when it was told; else 0 */
	__u64 socket_cookie;		/* 0 where the kernel had no full socket */
	__u64 netns_cookie;
	__u64 written;			/* sent stream: bytes the application wrote */
	__u64 acked;			/* sent stream: bytes the peer acknowledged */
	__u64 received;			/* received stream: bytes that arrived in order */
	__u64 copied;			/* received stream: bytes the application read */
	__u64 range_start;		/* retransmit: offset of the segment's first byte in the sent stream */
	__u64 rwnd_limited_ns;		/* so far: time that sending waited for the peer's window (tcp_chrono) */
	__u64 sndbuf_limited_ns;	/* so far: time that the network waited for room in our send buffer (tcp_chrono) */
	__s32 bytes;			/* send, recv: bytes or -errno; retransmit, drop: payload bytes */
	__u32 pid;			/* owner (tgid), taken in process context; 0 before it is known */
	__u32 lost_events;
	__u32 srtt_us;
	__u32 rttvar_us;
	__u32 snd_wnd;			/* bytes the peer's last window allowed */
	__u32 rcv_wnd;			/* bytes our last window allowed */
	__u32 total_retrans;		/* segments retransmitted so far, SYN included */
	__u32 packets_out;		/* segments in flight */
	__u32 mss;
	__u32 reason;			/* drop: enum skb_drop_reason; reset_sent: enum sk_rst_reason; missing: enum crosslayer_event_type */
	__u16 error;			/* sk_err */
	__u16 local_port;
	__u16 peer_port;
	__u8 type;			/* enum crosslayer_event_type */
	__u8 role;			/* enum crosslayer_role */
	__u8 old_state;			/* connect, accept, state: the state left; else as new_state */
	__u8 new_state;			/* TCP state (include/net/tcp_states.h) */
	__u8 ca_state;			/* congestion state (enum tcp_ca_state) */
	__u8 flags;			/* enum crosslayer_flags */
	__u8 local_address[16];
	__u8 peer_address[16];
	char comm[16];			/* owner, taken with pid */
};

/* A stream had come so far at a time: how far is known when a call returns, and when an acknowledgement arrives. */
struct crosslayer_mark {
	__u64 ns;			/* CLOCK_MONOTONIC; 0: never */
	__u64 offset;
};

/* Calls in one direction, one after the other. */
struct crosslayer_run {
	__u64 start;			/* offset before the first */
	struct crosslayer_mark first;
	struct crosslayer_mark last;
};

/*
 * What a socket did in an exchange, or a part of one: it wrote (client) or read (server) a request, read or wrote a response,
 * and had all that it sent acknowledged. In this order, each at most once; whatever does not fit is another summary.
 */
struct crosslayer_summary {
	struct crosslayer_run request;
	struct crosslayer_run response;
	struct crosslayer_mark gap_start;	/* the two calls of the request that lay farthest apart */
	struct crosslayer_mark gap_end;
	struct crosslayer_mark acked;		/* sent stream: all of it */
	__u64 acked_before;			/* sent stream: acknowledged when the first call returned */
	__u32 least_srtt_us;			/* 0: none was known */
	__u32 most_srtt_us;
};

/*
 * The other kind of record, to be told from an event by its size: the socket as it was when the summary was told, with the number
 * of calls for bytes and no type, and the summary.
 */
struct crosslayer_exchange {
	struct crosslayer_event end;
	struct crosslayer_summary summary;
};

/* One a CPU, never reset. events made = events read + events lost, exactly. */
struct crosslayer_cpu_stats {
	__u64 made;
	__u64 lost;
	__u64 last_lost_ns;
	__u64 deputy_runs;		/* runs that a deputy took over (deputies.h) */
	__u8 engaged[8];		/* by enum deputised: 1 while that program runs on this CPU */
	__u64 without_state;		/* of those lost: the kernel had no memory for what is remembered of the socket */
	__u64 padding[2];		/* a cache line each */
};

#endif
