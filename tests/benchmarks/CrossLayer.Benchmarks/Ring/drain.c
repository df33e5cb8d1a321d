// SPDX-License-Identifier: Apache-2.0
/*
 * The reference consumer: libbpf's own ring_buffer__consume with a callback that copies each event into a batch, as the
 * probe's reader does. A library, so that it runs in the process of the one that it is held against, on the same ring.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>
#include "crosslayer_event.h"

#define BATCH 1024

static struct bpf_object *object;
static struct ring_buffer *ring;
static int program = -1, map = -1;
static struct crosslayer_event *batch;
static size_t place;

static int take(void *context, void *data, size_t size)
{
	memcpy(&batch[place++ % BATCH], data, sizeof(*batch));
	return 0;
}

/* Loads the program that fills the ring. Returns the ring's descriptor, or -errno. */
int bench_open(const char *path)
{
	struct bpf_program *fill;

	object = bpf_object__open_file(path, 0);
	if (!object || bpf_object__load(object))
		return -1;
	fill = bpf_object__find_program_by_name(object, "fill");
	program = bpf_program__fd(fill);
	map = bpf_object__find_map_fd_by_name(object, "events");
	batch = calloc(BATCH, sizeof(*batch));
	ring = ring_buffer__new(map, take, 0, 0);
	return batch && ring ? map : -1;
}

/* Runs the program so many times. Returns the events made, or -errno. */
long bench_fill(int runs)
{
	long made = 0;

	for (int i = 0; i < runs; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, options);
		int error = bpf_prog_test_run_opts(program, &options);

		if (error)
			return error;
		made += options.retval;
	}
	return made;
}

/* Drains the ring. Returns the events read. */
long bench_drain(void)
{
	long read = ring_buffer__consume(ring);

	return read;
}

void bench_close(void)
{
	ring_buffer__free(ring);
	bpf_object__close(object);
	free(batch);
}
