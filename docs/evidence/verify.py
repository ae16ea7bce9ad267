#!/usr/bin/env python3
"""Checks an archive of weir with nothing but its files and a public key.

    verify.py ARCHIVE --key KEY [--checkpoint FILE]...

ARCHIVE is the folder with manifest.jsonl, or an unpacked package of evidence. KEY is the public key of the archive's log, as
text or as a file (log.pub), that you got from somebody you trust and not from the archive. FILE is a checkpoint that was
published: a file, or the text of a mail. What was changed is named, a line each: KIND  WHERE: WHAT. Exit code 0: all is as
it was written; 1: it is not; 2: it cannot be checked. Python 3.8 or newer, its own library only.

Not checked here: what the Parquet files have in them, so a package's events.ndjson is held against package.json alone; and
time stamps (.tsr, RFC 3161). weir archive verify checks both. The rules are in docs/explanation/evidence.md. A file that
weir is writing at this moment may be named as added, so check a copy, or stop weir.
"""
import argparse, base64, functools, hashlib, json, os, quopri, re, struct, sys
from datetime import datetime

# --- Ed25519, RFC 8032 section 5.1 -------------------------------------------------------------------------------------
P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)

def add(a, b):
    A, B = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    C, E = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = B - A, E - C, E + C, B + A
    return e * f % P, g * h % P, f * g % P, e * h % P

def times(n, a):
    r = (0, 1, 1, 0)
    while n:
        if n & 1:
            r = add(r, a)
        a, n = add(a, a), n >> 1
    return r

def point(b):
    y = int.from_bytes(b, "little") & ((1 << 255) - 1)
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * I % P
    if y >= P or (x * x - x2) % P or (x == 0 and b[31] >> 7):
        raise ValueError("no point of the curve")
    if x & 1 != b[31] >> 7:
        x = P - x
    return x, y, 1, x * y % P

BASE = point(bytes([0x58] + [0x66] * 31))

@functools.lru_cache(None)
def ed25519(public, text, sig):
    """Says whether sig is a signature of text by a public key."""
    try:
        a, r, s = point(public), point(sig[:32]), int.from_bytes(sig[32:], "little")
    except (ValueError, IndexError):
        return False
    if len(public) != 32 or len(sig) != 64 or s >= Q:
        return False
    k = int.from_bytes(hashlib.sha512(sig[:32] + public + text).digest(), "little") % Q
    x, y = times(s, BASE), add(r, times(k, a))
    return (x[0] * y[2] - y[0] * x[2]) % P == 0 and (x[1] * y[2] - y[1] * x[2]) % P == 0

# --- Keys and checkpoints: signed notes --------------------------------------------------------------------------------
def key(text):
    """Takes NAME+HASH+KEY apart: name, four bytes that signatures name it by, public key."""
    name, number, b64 = text.strip().split("+", 2)
    raw = base64.b64decode(b64, validate=True)
    ident = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if ident.hex() != number.lower() or raw[0] != 1 or len(raw) != 33:
        raise ValueError("this is no public key of a log")
    return name, ident, raw[1:]

def signs(by, name, text, sig):
    """Says whether a signature of a note, with the name and the number of its key, is one of text by a key."""
    own, ident, public = key(by)
    return name == own and sig[:4] == ident and ed25519(public, text.encode(), sig[4:])

NOTE = re.compile(r"(\S+)\s+(\d{1,19})\s+([A-Za-z0-9+/]{43}=)\s+— (\S+)\s+([A-Za-z0-9+/=]{92})(?:\s|$)")
LIST = re.compile(r"(weir-package\n([0-9a-f]{64})\n)\n— (\S+) ([A-Za-z0-9+/]{91}=)\n")  # package.sig

class Checkpoint:
    """Origin, size and root with their signature, whatever a mail made of the line ends."""
    def __init__(self, where, text):
        m = NOTE.search(text) or NOTE.search(quopri.decodestring(text.encode()).decode(errors="replace"))
        if not m:
            raise ValueError("it is no checkpoint")
        self.where, self.origin, self.size, self.root = where, m[1], int(m[2]), base64.b64decode(m[3])
        self.text, self.signer, self.sig = f"{m[1]}\n{m[2]}\n{m[3]}\n", m[4], base64.b64decode(m[5])

    def signed(self, by):
        return self.signer == self.origin and signs(by, self.signer, self.text, self.sig)

def changed(k):
    """Says whether both keys signed a change of keys."""
    try:
        text = f"weir-log-key\n{k['old']}\n{k['new']}\n".encode()
        return key(k["old"])[0] == key(k["new"])[0] and all(
            ed25519(key(k[w])[2], text, base64.b64decode(k[w + "_signature"])) for w in ("old", "new"))
    except (KeyError, TypeError, ValueError):
        return False

def chain(trusted, changes):
    """Which key signs from which size on, from one key that is trusted. Changes are (leaf, body) in order."""
    good = [(leaf, k) for leaf, k in changes if changed(k)]
    spans, at, begin = [], trusted, 0
    for leaf, k in reversed(good):
        if k["new"] == at:
            spans.insert(0, (leaf + 1, at))
            begin = begin or leaf + 1
            at = k["old"]
    spans.insert(0, (0, at))
    at = trusted
    for leaf, k in good:
        if leaf >= begin and k["old"] == at:
            spans.append((leaf + 1, k["new"]))
            at = k["new"]
    return lambda size: [k for since, k in spans if since <= size][-1]

# --- The tree, RFC 6962 section 2.1 ------------------------------------------------------------------------------------
def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()

def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()

def roots(hashes, sizes):
    """The roots of the first n hashes for each n of sizes: whole subtrees are kept, and folded from the right."""
    out, whole = {}, []  # whole: (leaves, hash), the large ones first
    for n, h in enumerate([None, *hashes]):
        if n:
            whole.append((1, h))
            while len(whole) > 1 and whole[-1][0] == whole[-2][0]:
                (k, right), (_, left) = whole.pop(), whole.pop()
                whole.append((2 * k, node(left, right)))
        if n in sizes:
            h = whole[-1][1] if whole else hashlib.sha256(b"").digest()
            for _, left in whole[-2::-1]:
                h = node(left, h)
            out[n] = h
    return out

def entries_of(bundle):
    out, at = [], 0
    while at < len(bundle):
        n, = struct.unpack_from(">H", bundle, at)
        if at + 2 + n > len(bundle):
            raise ValueError("the bundle ends within an entry")
        out.append(bundle[at + 2:at + 2 + n])
        at += 2 + n
    return out

def tile_path(level, n, width):
    name = f"{n % 1000:03d}"
    while n >= 1000:
        n //= 1000
        name = f"x{n % 1000:03d}/{name}"
    return f"log/tile/{level}/{name}" + ("" if width == 256 else f".p/{width}")

# --- The manifest ------------------------------------------------------------------------------------------------------
def members(text):
    """What an object or a list of JSON has in it, each as the text that stands there."""
    decode, names, values, at = json.JSONDecoder().raw_decode, [], [], 1
    while text[at] not in "]}":
        if text[0] == "{":
            name, at = decode(text, at)
            names, at = names + [name], at + 1
        _, end = decode(text, at)
        values.append(text[at:end])
        at = end + (text[end] == ",")
    return dict(zip(names, values)) if text[0] == "{" else values

def written(value):
    """JSON as weir writes it: no blanks, and < > & as numbers."""
    s = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for c in "<>&\u2028\u2029":
        s = s.replace(c, f"\\u{ord(c):04x}")
    return s

class Line:
    """A line of the manifest with the entries of the log that follow from it."""
    def __init__(self, number, raw):
        self.number, self.raw, self.sha256, self.bad = number, raw, hashlib.sha256(raw).hexdigest(), ""
        self.seq, self.prev, self.published, self.entries, text = 0, None, "", [], None
        try:
            text = raw.decode()
            m = members(text)
            self.seq, self.prev, self.published = int(m["seq"]), json.loads(m["prev"]), json.loads(m["published"])[:19]
            segments, actions = members(m["segments"]), members(m.get("actions", "[]"))
            head = '{"v":1,"kind":%s,"seq":%d,'
            self.entries = [head % ('"record"', self.seq) + f'"sha256":"{self.sha256}","segments":{len(segments)},"actions":{len(actions)}}}']
            for n, s in enumerate(segments):
                self.entries.append(head % ('"segment"', self.seq) + f'"n":{n},"body":{written(json.loads(s))}}}')
            for n, a in enumerate(map(members, actions)):
                self.entries.append(head % (a["kind"], self.seq) + f'"n":{n},"at":{a["at"]},"by":{written(json.loads(a["by"]))},"body":{a["body"]}}}')
            self.entries = [e.encode() for e in self.entries]
        except Exception:  # whatever is wrong with a line, it is the line that is wrong
            self.bad, self.entries = "it is not a record", []

def instant(text):
    """A time of the manifest, all of which are in UTC, so that texts can be compared."""
    second, _, rest = text.rstrip("Z").partition(".")
    return f"{second}.{rest:0<9}"

def age(line):
    return datetime.fromisoformat(line.published).timestamp() if line.published else 0

class Told:
    """What entries of the log say that there is: files, those that went, changes of keys."""
    def __init__(self, entries):
        self.segments, self.papers, self.gone, self.changes, self.seqs, self.times = {}, {}, {}, [], set(), {}
        files = {"segment": self.segments, "policy": self.papers, "review": self.papers, "expiry": self.gone}
        for i, e in enumerate(entries):
            try:
                e = json.loads(e)
                if e["kind"] == "record":
                    self.seqs.add(e["seq"])
                elif e["kind"] == "key":
                    self.changes.append((i, e["body"]))
                elif e["kind"] in files:
                    files[e["kind"]][e["body"]["path"]] = e["body"]["sha256"]
                    if e["kind"] == "segment":
                        self.times[e["body"]["path"]] = instant(e["body"]["min"]), instant(e["body"]["max"])
            except Exception:  # what is no entry says nothing
                continue

# --- The check ---------------------------------------------------------------------------------------------------------
class Check:
    def __init__(self, folder, trusted, given):
        self.folder, self.trusted, self.given, self.found, self.only = folder, trusted, given, 0, None

    def package(self):
        """Holds the files of a package against its list. Of the archive in it only those files have to be there."""
        self.list, self.list_sum, self.list_sig = json.loads(self.read("package.json")), self.sum("package.json"), self.read("package.sig")
        listed, files = self.list, {f["path"]: f["sha256"] for f in self.list["files"]}
        for name in sorted({*files, *self.files("")} - {"package.json", "package.sig"}):
            is_ = self.sum(name)
            if name not in files or is_ != files[name]:
                self.find("package-changed", name, "nothing names this file" if name not in files else f"sha256 is {is_}, must be {files[name]}" if is_ else "it is missing")
        self.only = set(listed["segments"]) | {f[len("archive/"):] for f in files if f.startswith(("archive/policy/", "archive/reviews/"))}
        self.folder = os.path.join(self.folder, "archive")

    def signature(self):
        """Holds the list of a package's files against its signature, by the key that signed the checkpoint."""
        why = "an older weir made it" if self.list["v"] == 1 else self.list.get("unsigned")
        m = LIST.fullmatch((self.list_sig or b"").decode(errors="replace"))
        if self.list_sig is None and why:
            self.unsigned(str(why))
        elif self.list_sig is None:
            self.find("package-changed", "package.sig", "it is missing, and package.json says that it is signed")
        elif not m or not self.base or not signs(self.base.key, m[3], m[1], base64.b64decode(m[4])):
            self.find("package-changed", "package.sig", "the key that signed the checkpoint did not sign it")
        elif m[2] != self.list_sum:
            self.find("package-changed", "package.json", "it is not the list of files that was signed")
        else:
            say("note: package.json, the list of files, is signed by the log's key " + key(self.base.key)[1].hex())

    def unsigned(self, why):
        """Says what a package does not prove that nobody signed. Why it is not is its own word, and may be a forger's: a quotation."""
        say("note: package.json, the list of files, is not signed: whoever had the package could have made another one of it, for another search "
            "or without some of the records; the SHA-256 of package.json that was written down says which one is meant")
        since, until = (instant(self.list[k]) if k in self.list else "" for k in ("from", "to"))
        told = Told(self.made)
        meet = {p for p, (first, last) in told.times.items() if told.gone.get(p) != told.segments[p] and last >= since and not (until and first >= until)}
        if left := len(meet - set(self.list["segments"])):
            say(f"note: sealed files whose times the search meets: {len(meet)}; not in the package: {left}, and nobody signed that they have no such record")
        say("note: the package says: " + json.dumps(why[:200], ensure_ascii=False))

    def find(self, kind, where, what):
        self.found += 1
        say(f"{kind:21} {where}: {what}")

    def read(self, name, take=b"".join):
        """What a file has; None: it is not there or cannot be read. A pipe or a device is not opened: it might never end."""
        path = os.path.join(self.folder, name)
        try:
            with open(path if os.path.isfile(path) else "", "rb") as f:
                return take(iter(lambda: f.read(1 << 20), b""))
        except (OSError, ValueError):
            return None

    def sum(self, name):
        """The SHA-256 of a file; None: it is not there."""
        def hashed(blocks):
            h = hashlib.sha256()
            for b in blocks:
                h.update(b)
            return h.hexdigest()
        return self.read(name, hashed) or ("not to be had" if os.path.lexists(os.path.join(self.folder, name)) else None)

    def files(self, below):
        for top, _, names in os.walk(os.path.join(self.folder, below)):
            for n in names:
                yield os.path.relpath(os.path.join(top, n), self.folder).replace(os.sep, "/")

    def run(self):
        if self.read("package.json") is not None:
            self.package()
        raw = self.read("manifest.jsonl")
        if raw is None:
            self.find("manifest-changed", "manifest.jsonl", "it is missing")
            raw = b""
        self.lines = [Line(i + 1, l) for i, l in enumerate(raw.split(b"\n")[:-1])]
        self.made = [e for l in self.lines for e in l.entries]
        self.hashes = [leaf_hash(e) for e in self.made]
        self.chained = [l for p, l in zip([None] + self.lines, self.lines) if l.bad or l.prev != (p.sha256 if p else "") or (p and p.seq and l.seq != p.seq + 1)]
        self.base, self.proven, self.logged = None, None, []
        if not os.path.isdir(os.path.join(self.folder, "log")):
            self.find("log-truncated", "log", "the archive has no log any more")
        else:
            head = self.checkpoints()
            if self.base:
                self.prove(head)
        if not self.base or self.proven is self.hashes:
            for l in self.chained:
                self.find("manifest-changed", f"manifest.jsonl:{l.number}", l.bad or "it does not follow the line before it")
        if self.only is not None:
            self.signature()
        self.contents()
        return self.found

    def entries(self, size):
        """The log's own entries, as far as they go."""
        out = []
        while len(out) < size:
            n = len(out) // 256
            data = self.read(tile_path("entries", n, 256)) or self.read(tile_path("entries", n, min(256, size - len(out))))
            try:
                out += (part := entries_of(data or b"")[:size - len(out)])
            except (ValueError, struct.error):
                break
            if len(part) < 256:
                break
        return out

    def checkpoints(self):
        """Reads all checkpoints, checks who signed them, and takes the log's newest as the one that counts."""
        names = sorted(n for n in self.files("log/checkpoints") if not n.endswith((".tsr", ".tmp")))
        self.good, head, read = [], None, []
        for where, text in self.given + [(n, self.read(n)) for n in names + ["log/checkpoint"]]:
            try:
                if text is None:
                    self.find("log-truncated", where, "the newest checkpoint is missing")
                else:
                    read.append(Checkpoint(where, text.decode()))
            except ValueError as e:
                self.find("checkpoint-bad", where, str(e))
        self.logged = self.entries(max((c.size for c in read), default=0))
        # A change of keys proves itself by its signatures, so it does not matter which copy of it is whole.
        chains = [chain(self.trusted, Told(e).changes) for e in (self.made, self.logged)]
        for c in read:
            c.key = next((by(c.size) for by in chains if c.signed(by(c.size))), None)
            if not c.key:
                self.find("checkpoint-bad", c.where, "the key of this log did not sign it")
                continue
            self.good.append(c)
            head = c if c.where == "log/checkpoint" else head
        self.base = head or max(self.good, key=lambda c: c.size, default=None)
        return head

    def prove(self, head):
        """Finds the leaves that give the root that was signed, and holds everything else against them."""
        base, size, told = self.base, self.base.size, self.records() + self.good
        for leaves in (self.hashes, [leaf_hash(e) for e in self.logged]):
            was = roots(leaves, {c.size for c in told})
            if was.get(size) == base.root:
                self.proven = leaves
                break
        if self.proven is not self.hashes:
            self.compare()
        if self.proven is None:
            return
        for c in told:
            if c.size > size:
                self.find("log-truncated", c.where, f"it signs {c.size} entries, and the log has {size}")
            elif was[c.size] != c.root:
                self.find("log-rewritten", c.where, f"the first {c.size} entries of the log are others than those that it signs")
        if self.only is None:
            self.tiles(size)
        seqs = Told(self.logged[:size]).seqs if self.proven is not self.hashes else set()
        at, late = 0, max(map(age, self.lines), default=0) - 10  # what a running weir has not signed yet is seconds old
        for l in self.lines:
            if head and at >= size and l.seq not in seqs and 0 < age(l) < late:
                return self.find("log-truncated", f"manifest.jsonl:{l.number}", "the log ends before this line")
            at += len(l.entries)

    def records(self):
        """What the list of publications says. It is nobody's word but weir's, and held against the log all the same."""
        out = []
        for n, l in enumerate((self.read("log/anchors.jsonl") or b"").split(b"\n")):
            try:
                a = json.loads(l)
                if a["ok"]:
                    out.append(argparse.Namespace(where=f"log/anchors.jsonl:{n + 1}", size=int(a["size"]), root=base64.b64decode(a["root"])))
            except (ValueError, KeyError, TypeError):
                continue
        return out

    def compare(self):
        """Names the lines of the manifest that are not those that were signed."""
        if self.proven is None:
            return self.find("manifest-changed", "manifest.jsonl", "neither its lines nor the log's own entries give the root that was signed")
        known, told = {h: i for i, h in enumerate(self.proven)}, Told(self.logged[:self.base.size])
        at, last = -1, max(told.seqs, default=0)
        for l in self.lines:
            leaf = known.get(leaf_hash(l.entries[0])) if l.entries else None
            if leaf is not None and leaf > at:
                at = leaf
            elif leaf is not None or l.bad or l.seq <= last:
                self.find("manifest-changed", f"manifest.jsonl:{l.number}", l.bad or "it is not the line that was signed")
        for seq in sorted(told.seqs - {l.seq for l in self.lines}):
            self.find("manifest-changed", "manifest.jsonl", f"the line of record {seq} is missing")

    def tiles(self, size):
        """Compares every file of the log with what it has to be, and looks for those that must be there."""
        level, row, whole, missing = 0, self.proven[:size], self.proven, []
        there = set(self.files("log/tile"))
        while row:
            for n in range((len(row) + 255) // 256):
                width = min(256, len(row) - n * 256)
                for kind in ("entries", 0) if level == 0 else (level,):
                    if not {tile_path(kind, n, width), tile_path(kind, n, 256)} & there:
                        missing.append(tile_path(kind, n, width))
                    for w in [*range(1, width + 1), 256]:
                        if (name := tile_path(kind, n, w)) in there:
                            there.discard(name)
                            must = (whole if level == 0 else row)[n * 256:n * 256 + w]
                            if self.tile(name, kind)[:len(must)] != must:
                                self.find("log-changed", name, "it is not the part of the log that was signed")
            row = [roots(row[i:i + 256], {256})[256] for i in range(0, len(row) - 255, 256)]
            level += 1
        if missing:
            self.find("log-truncated", missing[0], f"this part of the log is missing, and {len(missing) - 1} other files of it")

    def tile(self, name, kind):
        """The hashes in a file of the log."""
        data = self.read(name) or b""
        try:
            return [leaf_hash(e) for e in entries_of(data)] if kind == "entries" else [data[i:i + 32] for i in range(0, len(data), 32)]
        except (ValueError, struct.error):
            return []

    def contents(self):
        """Holds every file against the hash that was signed for it."""
        if self.proven is not None and self.proven is not self.hashes:
            size = self.base.size
            told, rest = Told(self.logged[:size]), Told(self.made)
            for mine, more in ((told.segments, rest.segments), (told.papers, rest.papers)):
                mine.update({p: s for p, s in more.items() if p not in mine})
            named, unsigned = rest.segments, {p for p in rest.gone if p not in told.gone}
        else:
            told, named = Told(self.made), None
            before = Told(self.made[:self.base.size] if self.base else self.made)
            unsigned = {p for p in told.gone if p not in before.gone}
        for mine in (told.segments, told.papers) if self.only is not None else ():
            for p in set(mine) - self.only:
                del mine[p]
        is_, owner = {p: self.sum(p) for p in [*told.segments, *told.papers]}, {s: p for p, s in told.segments.items()}
        for p, must in told.segments.items():
            expired = told.gone.get(p) == must and p not in unsigned
            if is_[p] == must or (expired and is_[p] is None):
                continue
            if is_[p] is None:
                if p in unsigned or (named is not None and p not in named):
                    self.find("deleted-without-leaf", p, "it is gone, and no entry of the log says why")
                else:
                    self.find("removed", p, "it is gone, and nothing says that it expired")
            elif (other := owner.get(is_[p])) and is_.get(other) == must:
                self.find("swapped", p, f"it has the content of {other}, and that has its own")
            else:
                self.find("changed", p, f"sha256 is {is_[p]}, must be {must}")
        for p, must in told.papers.items():
            if is_[p] != must:
                self.find("file-changed", p, "it is missing" if is_[p] is None else f"sha256 is {is_[p]}, must be {must}")
        for p in sorted(self.files("")):
            if p not in is_ and (p.endswith(".parquet") or p.startswith(("class=", "policy/", "reviews/")) and not p.endswith((".idx", ".tmp"))):
                self.find("added", p, "nothing names this file")
        stamps = sum(p.endswith(".tsr") for p in self.files("log"))
        say("not checked by this program: what the Parquet files have in them" + (", so events.ndjson against package.json alone" if self.only is not None else "")
            + (f"; {many(stamps, 'time stamp')} (RFC 3161)" if stamps else "") + ". weir archive verify checks that.")
        size = self.base.size if self.base else 0
        say(f"{many(sum(is_[p] is not None for p in told.segments), 'segment')}, {many(len(self.lines), 'line')}, {many(size, 'entry', 'entries')} signed, {many(self.found, 'finding')}")

def many(n, one, more=None):
    return f"{n} {one if n == 1 else more or one + 's'}"

def say(text):
    """Prints text that somebody else may have written: no control character of it reaches the terminal."""
    print("".join(c if c.isprintable() else ascii(c)[1:-1] for c in text))

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("archive")
    p.add_argument("--key", required=True)
    p.add_argument("--checkpoint", action="append", default=[])
    a = p.parse_args()
    try:
        text = open(a.key).read() if os.path.exists(a.key) else a.key
        trusted = [l.strip() for l in text.splitlines() if l.strip() and not l.startswith("#")][0]
        key(trusted)
        given = [(f, open(f, "rb").read()) for f in a.checkpoint]
        if not any(os.path.isfile(os.path.join(a.archive, *p)) for p in (["manifest.jsonl"], ["package.json"], ["log", "checkpoint"])):
            raise OSError("there is no manifest.jsonl in " + a.archive)
    except (OSError, ValueError, IndexError) as e:
        print(f"cannot check: {e}", file=sys.stderr)
        return 2
    sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return 1 if Check(a.archive, trusted, given).run() else 0
    except Exception as e:  # a package.json that is none, for instance
        print(f"cannot check: {type(e).__name__}: {ascii(str(e))}", file=sys.stderr)
        return 2

if __name__ == "__main__":
    sys.exit(main())
