//go:build ignore

/* Follows TCP connections from their first state to CLOSE and puts one record for each into a ring.
 *
 * Only typed tracepoints (tp_btf) and an iterator: these need neither tracefs nor the right to change kernel text. Each
 * program can be left out; what is missing then is said beside it. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL"; /* some helpers are for GPL-compatible programs only */

#define STATES 8

/* What is known of a record or a connection. The numbers are those of bpf.Flags. */
enum {
	INBOUND = 1,	    /* came from a listening socket */
	OUTBOUND = 2,	    /* began with connect */
	OPEN_BEFORE = 4,    /* its beginning was not seen */
	RESET_RECEIVED = 8, /* the other end reset it */
	RESET_SENT = 16,
	FIN_RECEIVED = 32,
	STILL_OPEN = 64, /* not the end: a report of a connection that lasts */
	OWNED = 128,	 /* owner is a process that used the socket, not only the one that listened */
};

struct owner {
	u64 start; /* of the process, since boot: with tgid it names the process for ever */
	u32 tgid;
	u32 tid;
	u32 ppid;
	u32 uid;
	char comm[16];
};

struct conn {
	u64 start;    /* 0: not seen */
	u64 since;    /* when the present state began; 0: not seen */
	u64 reported; /* last report of one that lasts */
	u64 spent[STATES];
	struct owner owner;
	u16 flags;
	u8 states; /* how many of path are used */
	u8 path[STATES];
};

/* The two ends of a connection. Addresses are in network order, ports in that of the machine. */
struct ends {
	__be32 local[4]; /* IPv4: the first word */
	__be32 remote[4];
	u16 local_port;
	u16 remote_port;
	u16 family;
	u16 pad;
};

/* What Go decodes. No padding anywhere: all bytes are written. */
struct event {
	u64 cookie;
	u64 start;
	u64 end;
	u64 cgroup;
	u64 sent;
	u64 received;
	u64 bytes_retrans;
	u64 spent[STATES];
	struct owner owner;
	u32 netns;
	u32 retrans;
	u32 segs_out;
	u32 segs_in;
	u32 srtt;
	u32 mdev;
	u32 min_rtt;
	u32 err;
	struct ends ends;
	u16 flags;
	u8 path[STATES];
	u8 states;
	u8 pad[5];
};

const struct event *unused_event __attribute__((unused)); /* keeps the type in the object for the generator */

struct proc {
	u64 start;
	u16 args_len;
	u8 pad[6];
	char exe[128];
	char args[256];
};

const struct proc *unused_proc __attribute__((unused));

/* What an iterator run is to do; written by Go before it. */
struct task_order {
	u64 before; /* report what was last reported before this moment; 0: only learn what is open */
	u32 self;   /* weir's own tgid; the iterator corrects it, as the kernel counts otherwise than a container does */
	u32 pad;
};

struct tally {
	u64 seen; /* records that were to go into the ring */
	u64 lost; /* those for which it had no room */
};

const volatile bool ignore_loopback = 0;
const volatile u32 ignored_ports = 0; /* how many ports are in left_out */
const volatile bool skip_own = 1;     /* leave out the connections of weir itself */
const volatile u64 wake_at = 1 << 20; /* bytes in the ring that wake the reader */

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 22);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct tally);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, u64); /* address of the sock */
	__type(value, struct conn);
} conns SEC(".maps");

struct listen_key {
	u32 netns;
	u32 port;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct listen_key);
	__type(value, struct owner);
} listeners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, u32);
	__type(value, struct proc);
} procs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct proc);
} scratch SEC(".maps"); /* a proc is too large for the stack */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, u16);
	__type(value, u8);
} left_out SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct task_order);
} task_orders SEC(".maps");

/* own takes a task as the owner. The name is that of the process, not of the thread: threads are named after their work. */
static __always_inline void own(struct owner *o, struct task_struct *t)
{
	struct task_struct *leader = t->group_leader;

	o->start = leader->start_boottime;
	o->tgid = t->tgid;
	o->tid = t->pid;
	o->ppid = t->real_parent->tgid;
	o->uid = t->cred->uid.val;
	bpf_probe_read_kernel(o->comm, sizeof(o->comm), leader->comm);
}

static __always_inline bool is_loopback(const struct ends *e)
{
	if (e->family == AF_INET)
		return (e->remote[0] & bpf_htonl(0xff000000)) == bpf_htonl(0x7f000000);
	if (e->remote[0] || e->remote[1])
		return 0;
	if (e->remote[2] == bpf_htonl(0xffff)) /* IPv4 on a socket for both */
		return (e->remote[3] & bpf_htonl(0xff000000)) == bpf_htonl(0x7f000000);
	return !e->remote[2] && e->remote[3] == bpf_htonl(1);
}

static __always_inline bool is_left_out(struct ends *e)
{
	if (ignore_loopback && is_loopback(e))
		return 1;
	if (!ignored_ports)
		return 0;
	return bpf_map_lookup_elem(&left_out, &e->local_port) || bpf_map_lookup_elem(&left_out, &e->remote_port);
}

static __always_inline u32 netns_of(struct sock *sk)
{
	return sk->__sk_common.skc_net.net->ns.inum;
}

/* read_ends reads both ends. The bound port is taken from inet_sport: skc_num is 0 already when a socket reaches CLOSE. */
static __always_inline void read_ends(struct ends *e, struct tcp_sock *tp)
{
	struct sock_common *c = &tp->inet_conn.icsk_inet.sk.__sk_common;

	e->family = c->skc_family;
	e->local_port = bpf_ntohs(tp->inet_conn.icsk_inet.inet_sport);
	e->remote_port = bpf_ntohs(c->skc_dport);
	if (e->family == AF_INET) {
		e->local[0] = c->skc_rcv_saddr;
		e->remote[0] = c->skc_daddr;
		return;
	}
	e->local[0] = c->skc_v6_rcv_saddr.in6_u.u6_addr32[0];
	e->local[1] = c->skc_v6_rcv_saddr.in6_u.u6_addr32[1];
	e->local[2] = c->skc_v6_rcv_saddr.in6_u.u6_addr32[2];
	e->local[3] = c->skc_v6_rcv_saddr.in6_u.u6_addr32[3];
	e->remote[0] = c->skc_v6_daddr.in6_u.u6_addr32[0];
	e->remote[1] = c->skc_v6_daddr.in6_u.u6_addr32[1];
	e->remote[2] = c->skc_v6_daddr.in6_u.u6_addr32[2];
	e->remote[3] = c->skc_v6_daddr.in6_u.u6_addr32[3];
}

/* figures reads what the kernel counted. bytes_sent has neither SYN nor FIN but counts what was sent again;
 * bytes_received has the FIN. */
static __always_inline void figures(struct event *e, struct tcp_sock *tp)
{
	struct sock *sk = &tp->inet_conn.icsk_inet.sk;

	e->bytes_retrans = tp->bytes_retrans;
	e->sent = tp->bytes_sent - e->bytes_retrans;
	e->received = tp->bytes_received;
	if (sk->__sk_common.skc_flags & (1UL << SOCK_DONE)) {
		e->flags |= FIN_RECEIVED;
		if (e->received)
			e->received--;
	}
	e->retrans = tp->total_retrans;
	e->segs_out = tp->segs_out;
	e->segs_in = tp->segs_in;
	e->srtt = tp->srtt_us >> 3;
	e->mdev = tp->mdev_us >> 2;
	e->min_rtt = tp->rtt_min.s[0].v;
	e->err = sk->sk_err;
	e->cgroup = 0;
	if (bpf_core_field_exists(sk->sk_cgrp_data.cgroup))
		e->cgroup = sk->sk_cgrp_data.cgroup->kn->id;
}

static __always_inline bool is_own(struct conn *c)
{
	u32 zero = 0;
	struct task_order *order = bpf_map_lookup_elem(&task_orders, &zero);

	return skip_own && order && c->owner.tgid && c->owner.tgid == order->self;
}

/* reserve takes room for one record and counts it, or that there was none. */
static __always_inline struct event *reserve(void)
{
	struct event *e = bpf_ringbuf_reserve(&ring, sizeof(*e), 0);
	u32 zero = 0;
	struct tally *n = bpf_map_lookup_elem(&counts, &zero);

	if (n) {
		n->seen += 1;
		n->lost += !e;
	}
	return e;
}

/* report puts one connection into the ring. known is what was kept of it. The reader is woken only when a quarter of
 * the ring is full: waking it for each record costs more than all else here together. */
static __always_inline void report(struct sock *sk, struct conn *known, u64 now, u16 flags)
{
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(sk);
	struct ends both = {};
	struct listen_key lk = {};
	struct event *e;
	u64 wake;

	if (!tp || is_own(known))
		return;
	read_ends(&both, tp);
	if (is_left_out(&both))
		return;
	lk.netns = netns_of(sk);
	lk.port = both.local_port;
	flags |= known->flags;
	if (!(flags & (INBOUND | OUTBOUND)))
		flags |= bpf_map_lookup_elem(&listeners, &lk) ? INBOUND : OUTBOUND;
	e = reserve();
	if (!e)
		return;
	__builtin_memcpy(&e->ends, &both, sizeof(e->ends));
	e->flags = flags;
	figures(e, tp);
	e->cookie = bpf_get_socket_cookie(sk);
	e->start = known->start;
	e->end = now;
	e->netns = lk.netns;
	__builtin_memcpy(e->spent, known->spent, sizeof(e->spent));
	__builtin_memcpy(&e->owner, &known->owner, sizeof(e->owner));
	__builtin_memcpy(e->path, known->path, sizeof(e->path));
	e->states = known->states;
	__builtin_memset(e->pad, 0, sizeof(e->pad));
	wake = bpf_ringbuf_query(&ring, BPF_RB_AVAIL_DATA) >= wake_at ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
	bpf_ringbuf_submit(e, wake);
}

static __always_inline void enter(struct conn *c, int state, u64 now)
{
	u8 n = c->states;

	c->since = now;
	if (n < STATES) {
		c->path[n & (STATES - 1)] = state;
		c->states = n + 1;
	}
}

static __always_inline void leave(struct conn *c, u64 now)
{
	u8 n = c->states;

	if (n && c->since && now > c->since) /* an iterator may have looked meanwhile, on another processor */
		c->spent[(n - 1) & (STATES - 1)] += now - c->since;
}

/* begin makes the entry of a connection that begins with the change from old to new, or that is met in the middle. */
static __always_inline void begin(struct sock *sk, struct conn *c, int old, int new, u64 now)
{
	struct listen_key lk = {};
	struct owner *o;

	if (old == TCP_CLOSE && new == TCP_SYN_SENT) { /* connect, in the process that calls it */
		c->start = now;
		c->flags = OUTBOUND | OWNED;
		own(&c->owner, bpf_get_current_task_btf());
	} else if (old == TCP_LISTEN) { /* whoever runs just now has nothing to do with it */
		c->start = now;
		c->flags = INBOUND;
		lk.netns = netns_of(sk);
		lk.port = sk->__sk_common.skc_num;
		o = bpf_map_lookup_elem(&listeners, &lk);
		if (o)
			c->owner = *o;
	} else {
		c->flags = OPEN_BEFORE;
		enter(c, old, 0);
	}
}

/* The one hook that cannot be left out: every change of state, in softirq as often as in a process. */
SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(set_state, struct sock *sk, int old, int new)
{
	u64 key = (u64)sk, now;
	struct listen_key lk = {};
	struct owner o = {};
	struct conn fresh = {}, *c;

	if (sk->sk_protocol != IPPROTO_TCP || old == new)
		return 0;
	if (new == TCP_LISTEN) {
		own(&o, bpf_get_current_task_btf());
		lk.netns = netns_of(sk);
		lk.port = sk->__sk_common.skc_num;
		bpf_map_update_elem(&listeners, &lk, &o, BPF_ANY);
		return 0;
	}
	if (old == TCP_LISTEN && new == TCP_CLOSE)
		return 0;
	now = bpf_ktime_get_boot_ns();
	c = bpf_map_lookup_elem(&conns, &key);
	/* An entry of a socket that died unseen may wait at an address that is used again. */
	if (!c || old == TCP_LISTEN || new == TCP_SYN_SENT) {
		begin(sk, &fresh, old, new, now);
		if (new == TCP_CLOSE) {
			report(sk, &fresh, now, 0);
			return 0;
		}
		enter(&fresh, new, now);
		bpf_map_update_elem(&conns, &key, &fresh, BPF_ANY);
		return 0;
	}
	leave(c, now);
	/* Only a process closes: FIN is never sent from softirq first. */
	if ((new == TCP_FIN_WAIT1 || new == TCP_LAST_ACK) && !(c->flags & OWNED)) {
		own(&c->owner, bpf_get_current_task_btf());
		c->flags |= OWNED;
	}
	if (new != TCP_CLOSE) {
		enter(c, new, now);
		return 0;
	}
	report(sk, c, now, 0);
	bpf_map_delete_elem(&conns, &key);
	return 0;
}

/* claim gives a connection that was accepted to the process that first uses it: behind one listener there are often
 * several. Without it the listener's process stands for all of them. */
static __always_inline int claim(struct sock *sk)
{
	u64 key = (u64)sk;
	struct conn *c;

	if (sk->sk_protocol != IPPROTO_TCP)
		return 0;
	c = bpf_map_lookup_elem(&conns, &key);
	if (c && !(c->flags & OWNED)) {
		own(&c->owner, bpf_get_current_task_btf());
		c->flags |= OWNED;
	}
	return 0;
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(claim_send, struct sock *sk)
{
	return claim(sk);
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(claim_recv, struct sock *sk)
{
	return claim(sk);
}

/* mark notes a reset. The socket may be missing (NULL) or of a sort that is not followed: it is only a key here. */
static __always_inline int mark(u64 key, u16 flag)
{
	struct conn *c = bpf_map_lookup_elem(&conns, &key);

	if (c)
		c->flags |= flag;
	return 0;
}

SEC("tp_btf/tcp_send_reset")
int send_reset(u64 *ctx)
{
	return mark(ctx[0], RESET_SENT);
}

SEC("tp_btf/tcp_receive_reset")
int receive_reset(u64 *ctx)
{
	return mark(ctx[0], RESET_RECEIVED);
}

/* Keeps how each process was started, for those that are gone before their connection is read. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	u32 zero = 0, tgid = task->tgid;
	struct proc *p = bpf_map_lookup_elem(&scratch, &zero);
	unsigned long from, len;

	if (!p)
		return 0;
	p->start = task->group_leader->start_boottime;
	p->exe[0] = 0;
	bpf_probe_read_kernel_str(p->exe, sizeof(p->exe), bprm->filename);
	from = task->mm->arg_start;
	len = task->mm->arg_end - from;
	if (len > sizeof(p->args) - 1)
		len = sizeof(p->args) - 1;
	len &= sizeof(p->args) - 1;
	p->args_len = len;
	if (bpf_probe_read_user(p->args, len, (void *)from))
		p->args_len = 0;
	bpf_map_update_elem(&procs, &tgid, p, BPF_ANY);
	return 0;
}

/* Goes through the open files of all processes, in all network namespaces. It learns who owns what was open before weir
 * started, and reports what has been open for long. */
SEC("iter/task_file")
int open_sockets(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct conn fresh = {}, *c;
	struct listen_key lk = {};
	struct task_order *order;
	struct socket *socket;
	struct owner o = {};
	struct sock *sk;
	u32 zero = 0;
	u64 key, now;
	u8 state;

	order = bpf_map_lookup_elem(&task_orders, &zero);
	if (!order)
		return 0;
	order->self = bpf_get_current_pid_tgid() >> 32;
	if (!task || !file)
		return 0;
	socket = bpf_sock_from_file(file);
	if (!socket)
		return 0;
	sk = socket->sk;
	if (!sk)
		return 0;
	if (sk->__sk_common.skc_family != AF_INET && sk->__sk_common.skc_family != AF_INET6)
		return 0;
	key = (u64)sk;
	state = sk->__sk_common.skc_state;
	if (state == TCP_LISTEN && (sk->sk_protocol == IPPROTO_TCP || sk->sk_protocol == IPPROTO_MPTCP)) {
		own(&o, task);
		lk.netns = netns_of(sk);
		lk.port = sk->__sk_common.skc_num;
		bpf_map_update_elem(&listeners, &lk, &o, BPF_NOEXIST);
		return 0;
	}
	if (sk->sk_protocol != IPPROTO_TCP || state == TCP_CLOSE)
		return 0;
	now = bpf_ktime_get_boot_ns();
	c = bpf_map_lookup_elem(&conns, &key);
	if (!c) {
		fresh.flags = OPEN_BEFORE | OWNED;
		fresh.reported = now;
		own(&fresh.owner, task);
		enter(&fresh, state, now);
		bpf_map_update_elem(&conns, &key, &fresh, BPF_NOEXIST);
		return 0;
	}
	if (!order->before || (c->reported ? c->reported : c->start) >= order->before)
		return 0;
	c->reported = now;
	leave(c, now);
	c->since = now;
	report(sk, c, now, STILL_OPEN);
	return 0;
}
