/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Reading packets: for what happens where there is no socket. */
#ifndef CROSSLAYER_PACKETS_H
#define CROSSLAYER_PACKETS_H

/* The 4-tuple of a packet, and what it carries. */
struct packet_tuple {
	__u8 source[16];
	__u8 destination[16];
	__u16 source_port;
	__u16 destination_port;
	__u32 payload;
	__u8 flags;
};

/* False for anything but TCP over IP with its headers in place. */
static __always_inline bool read_packet(const struct sk_buff *skb, struct packet_tuple *tuple)
{
	unsigned char *head = BPF_CORE_READ(skb, head);
	__u16 network = BPF_CORE_READ(skb, network_header);
	__u16 transport = BPF_CORE_READ(skb, transport_header);
	__u16 protocol = bpf_ntohs(BPF_CORE_READ(skb, protocol));
	struct ipv4_header ipv4;
	struct ipv6_header ipv6;
	struct tcp_header tcp;
	__u32 segment;

	if (!head || transport == 0xffff || transport <= network)
		return false;
	if (protocol == ETH_P_IP) {
		if (bpf_probe_read_kernel(&ipv4, sizeof(ipv4), head + network) || ipv4.protocol != IPPROTO_TCP)
			return false;
		set_ipv4(tuple->source, ipv4.source);
		set_ipv4(tuple->destination, ipv4.destination);
		segment = bpf_ntohs(ipv4.total_length) - (transport - network);
	} else if (protocol == ETH_P_IPV6) {
		if (bpf_probe_read_kernel(&ipv6, sizeof(ipv6), head + network) || ipv6.next_header != IPPROTO_TCP)
			return false;
		__builtin_memcpy(tuple->source, ipv6.source, 16);
		__builtin_memcpy(tuple->destination, ipv6.destination, 16);
		segment = bpf_ntohs(ipv6.payload_length) + sizeof(ipv6) - (transport - network);
	} else {
		return false;
	}
	if (bpf_probe_read_kernel(&tcp, sizeof(tcp), head + transport))
		return false;
	tuple->source_port = bpf_ntohs(tcp.source);
	tuple->destination_port = bpf_ntohs(tcp.destination);
	tuple->flags = tcp.flags;
	tuple->payload = segment - (tcp.data_offset >> 4) * 4;
	return true;
}

/* A packet that leaves a socket has no device yet where its host's own rules drop it: then the socket tells. */
static __always_inline __u64 netns_of_packet(const struct sk_buff *skb, bool outgoing)
{
	return outgoing ? BPF_CORE_READ(skb, sk, __sk_common.skc_net.net, net_cookie) : BPF_CORE_READ(skb, dev, nd_net.net, net_cookie);
}

/* Where a socket is gone, but for what waits in TIME_WAIT, its packets are dropped: what they meant, their flags tell. */
static __always_inline __u8 drop_flags(const struct packet_tuple *tuple, bool outgoing)
{
	return (outgoing ? CROSSLAYER_OUTGOING : 0) | (tuple->flags & TCP_FLAG_RST ? CROSSLAYER_PACKET_RST : 0) |
	       (tuple->flags & TCP_FLAG_FIN ? CROSSLAYER_PACKET_FIN : 0);
}

/* A reset in answer to a packet has no socket of its own where nobody listens: the packet names the connection. */
static __always_inline void emit_packet(__u8 type, const struct sk_buff *skb, const struct packet_tuple *tuple,
					bool outgoing, __u32 reason)
{
	struct crosslayer_event *event;
	__u64 netns;

	if (!ownerless_wanted() || !packet_wanted(tuple->source_port, tuple->destination_port))
		return;
	netns = netns_of_packet(skb, outgoing);
	if (!netns_wanted(netns))
		return;
	event = reserve_event();
	if (!event)
		return;
	event->type = type;
	event->reason = reason;
	event->bytes = tuple->payload;
	event->netns_cookie = netns;
	event->flags = type == CROSSLAYER_DROP ? drop_flags(tuple, outgoing) : 0;
	event->local_port = outgoing ? tuple->source_port : tuple->destination_port;
	event->peer_port = outgoing ? tuple->destination_port : tuple->source_port;
	__builtin_memcpy(event->local_address, outgoing ? tuple->source : tuple->destination, 16);
	__builtin_memcpy(event->peer_address, outgoing ? tuple->destination : tuple->source, 16);
	submit_event(event);
}

#endif
