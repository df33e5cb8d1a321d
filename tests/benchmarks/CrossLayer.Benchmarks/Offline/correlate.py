"""The reference for offline correlation: what a researcher would write to join request records with kernel events.

    correlate.py RECORDS EVENTS OUTPUT

Loads both files, groups events by connection, cuts them into exchanges where the direction changes, gives each record the
exchange of its connection that overlaps it in time, and writes one correlation a record. It is simpler than the product:
no settling, no alignment, no diagnosis beyond slow and retransmitted.
"""
import json
import sys
from collections import defaultdict


def key_of(local, peer):
    return (local, peer) if local <= peer else (peer, local)


def exchanges_of(events):
    """Exchanges at one socket: a request is what comes first, and again after response bytes."""
    server = events[0]["role"] == "passive"
    exchanges, current = [], None
    for event in events:
        kind = event["event_type"]
        if kind in ("send", "recv") and event["bytes"] > 0:
            request = (kind == "recv") == server
            if current is None or (request and current["response"] > 0):
                current = {"start": event["unix_ns"], "end": event["unix_ns"], "request": 0, "response": 0, "events": 0,
                           "retransmits": 0, "server": server}
                exchanges.append(current)
            current["request" if request else "response"] += event["bytes"]
        elif kind == "retransmit" and current is not None:
            current["retransmits"] += 1
        if current is not None:
            current["events"] += 1
            current["end"] = event["unix_ns"]
    return exchanges


def main(records_path, events_path, output_path):
    with open(records_path) as file:
        records = json.load(file)
    with open(events_path) as file:
        events = json.load(file)

    sockets = defaultdict(list)
    for event in events:
        sockets[(key_of(event["local_endpoint"], event["peer_endpoint"]), event["socket_cookie"])].append(event)
    connections = defaultdict(list)
    for (connection, _), own in sockets.items():
        own.sort(key=lambda event: event["timestamp_ns"])
        connections[connection].append(exchanges_of(own))

    places = defaultdict(int)
    correlations = []
    for record in sorted(records, key=lambda record: record["start_unix_ns"]):
        connection = key_of(record["local_endpoint"], record["peer_endpoint"])
        server = record.get("role") == "server"
        start = record["start_unix_ns"] - 5_000_000
        end = record["start_unix_ns"] + record["latency_ms"] * 1e6 + 5_000_000
        found = None
        for number, exchanges in enumerate(connections.get(connection, ())):
            if not exchanges or exchanges[0]["server"] != server:
                continue
            place = places[(connection, number)]
            while place < len(exchanges) and exchanges[place]["end"] < start:
                place += 1
            if place < len(exchanges) and exchanges[place]["start"] <= end:
                found = exchanges[place]
                place += 1
            places[(connection, number)] = place
        slow = record["latency_ms"] >= 500
        correlations.append({
            "request_id": record["request_id"],
            "app_latency_ms": record["latency_ms"],
            "kernel_event_count": found["events"] if found else 0,
            "discrepancy_detected": found is None or slow or found["retransmits"] > 0,
            "discrepancy_reason": "no exchange" if found is None else "slow" if slow else "retransmitted" if found["retransmits"] else "",
        })

    with open(output_path, "w") as file:
        json.dump({"summary": {"correlations": len(correlations)}, "correlations": correlations}, file, indent=1)


main(*sys.argv[1:])
