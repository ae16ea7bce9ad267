// The console's one script. Every page works without it, but for dragging in the histogram and events as they come. It asks
// this server alone, and writes only what this server has written as HTML.
"use strict";
(() => {
  const $ = (sel, root = document) => root.querySelector(sel);
  const all = (sel, root = document) => [...root.querySelectorAll(sel)];
  const editing = (el) => el && (el.matches("input, textarea, select") || el.isContentEditable);

  // Texts that the script says come from the page, in its language.
  const lang = document.documentElement.lang;
  const say = lang === "ko"
    ? { news: (n) => `새 이벤트 ${n}건`, more: (n) => `, 그 밖에 ${n}건은 저장만 됨`, live: "실시간: 이벤트를 기다리는 중", stopped: "멈춤", ended: "연결이 끊김", copied: "복사됨" }
    : { news: (n) => `${n} new`, more: (n) => `, ${n} more stored and not shown`, live: "live: waiting for events", stopped: "stopped", ended: "the connection is gone", copied: "copied" };

  // ---- rows and the panel -------------------------------------------------------------------------------------------

  const rows = () => all("#list > tr, .alerts > li > a, .list.walk > tbody > tr");
  const current = () => {
    const el = document.activeElement && document.activeElement.closest("#list > tr, .alerts > li > a, .list.walk > tbody > tr");
    return el || $("#list > tr.open, .alerts a[aria-current]");
  };
  const step = (by) => {
    const list = rows();
    if (!list.length) return;
    const at = list.indexOf(current());
    const el = list[Math.max(0, Math.min(list.length - 1, at < 0 ? (by > 0 ? 0 : list.length - 1) : at + by))];
    el.focus({ preventScroll: true });
    el.scrollIntoView({ block: "nearest" });
  };

  let panelAsk = null;
  const openPanel = async (href) => {
    const url = new URL(href, location.href);
    const place = $("#panel");
    if (!place || url.pathname !== "/search") { location.href = href; return; }
    if (panelAsk) panelAsk.abort();
    panelAsk = new AbortController();
    try {
      const res = await fetch("/search/event" + url.search, { headers: { "X-Weir-Part": "1" }, signal: panelAsk.signal });
      if (!res.ok) { location.href = href; return; }
      const text = await res.text();
      const back = place.contains(document.activeElement) ? null : document.activeElement;
      place.innerHTML = text;
      place.parentElement.classList.add("with-panel");
      const id = url.searchParams.get("id");
      for (const tr of all("#list > tr")) {
        const on = tr.dataset.id === id;
        tr.classList.toggle("open", on);
        if (on) tr.setAttribute("aria-selected", "true"); else tr.removeAttribute("aria-selected");
      }
      history.replaceState(null, "", url.pathname + url.search);
      if (back && back.isConnected) back.focus({ preventScroll: true });
    } catch (e) {
      if (e.name !== "AbortError") location.href = href;
    }
  };
  const closePanel = () => {
    const place = $("#panel");
    const close = place && $("[data-close]", place);
    if (!close) return false;
    history.replaceState(null, "", close.getAttribute("href"));
    place.replaceChildren();
    place.parentElement.classList.remove("with-panel");
    for (const tr of all("#list > tr.open")) { tr.classList.remove("open"); tr.removeAttribute("aria-selected"); tr.focus({ preventScroll: true }); }
    return true;
  };

  document.addEventListener("click", (ev) => {
    const el = ev.target;
    if (ev.button !== 0 || ev.ctrlKey || ev.metaKey || ev.shiftKey || ev.altKey) return;
    const copy = el.closest("[data-copy]");
    if (copy) {
      const text = copy.parentElement.querySelector("code").textContent;
      navigator.clipboard.writeText(text).then(() => { const was = copy.textContent; copy.textContent = say.copied; setTimeout(() => { copy.textContent = was; }, 1200); });
      return;
    }
    if (el.closest("[data-close]")) { if (closePanel()) ev.preventDefault(); return; }
    const tab = el.closest("[data-tab]");
    if (tab && $("#panel").contains(tab)) { ev.preventDefault(); openPanel(tab.href); return; }
    const open = el.closest("[data-open]") || (el.closest("#list > tr") && !String(getSelection()) && $("[data-open]", el.closest("#list > tr")));
    if (open && !(el.closest("a") && el.closest("a") !== open)) { ev.preventDefault(); open.closest("tr").focus({ preventScroll: true }); openPanel(open.href); return; }
    for (const d of all("details.menu[open]")) if (!d.contains(el)) d.open = false;
  });

  // ---- keys -----------------------------------------------------------------------------------------------------------

  let go = 0;
  document.addEventListener("keydown", (ev) => {
    if (ev.ctrlKey || ev.metaKey || ev.altKey) return;
    const el = document.activeElement;
    if (ev.key === "Escape") { escape_(ev, el); return; }
    if (editing(el) || $("dialog[open]")) return;
    const key = ev.key;
    const follow = (sel) => { const a = $(sel); if (a && !a.hidden) { ev.preventDefault(); a.click(); } };
    if (go && Date.now() - go < 1500) {
      go = 0;
      const a = $(`[data-go="${CSS.escape(key)}"]`);
      if (a) { ev.preventDefault(); a.click(); }
      return;
    }
    switch (key) {
      case "g": go = Date.now(); break;
      case "/": if ($("#q")) { ev.preventDefault(); $("#q").focus(); $("#q").select(); } break;
      case "j": ev.preventDefault(); step(1); break;
      case "k": ev.preventDefault(); step(-1); break;
      case "Enter": {
        const tr = el && el.closest("#list > tr");
        if (tr && el === tr) { ev.preventDefault(); openPanel($("[data-open]", tr).href); }
        const other = el && el.closest(".list.walk > tbody > tr");
        if (other && el === other) { const a = $("a", other); if (a) { ev.preventDefault(); a.click(); } }
        break;
      }
      case "+": case "=": plusMinus(ev, el, "[data-plus]"); break;
      case "-": case "_": plusMinus(ev, el, "[data-minus]"); break;
      case "t": if ($("#from")) { ev.preventDefault(); $("#from").focus(); } break;
      case "l": follow("#live"); break;
      case "h": follow("#hist"); break;
      case "w": follow("#wrap"); break;
      case "?": { const d = $("#keys"); if (d) { ev.preventDefault(); d.showModal(); } break; }
    }
  });
  const plusMinus = (ev, el, sel) => {
    const box = el && el.closest(".value, .kv tr, li");
    const a = box && $(sel, box);
    if (a) { ev.preventDefault(); a.click(); }
  };
  const escape_ = (ev, el) => {
    if (complete.close()) { ev.preventDefault(); return; }
    if ($("dialog[open]")) return;
    const menu = $("details.menu[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); return; }
    if (document.readyState === "loading" || !$("#result") && $(".wait")) { window.stop(); const w = $(".wait"); if (w) w.textContent = say.stopped; return; }
    if (tail.stop()) return;
    if (editing(el)) { el.blur(); return; }
    closePanel();
  };

  // ---- completion of fields -------------------------------------------------------------------------------------------

  const complete = (() => {
    let list = [], at = 0, word = null;
    const box = () => $("#complete");
    const close = () => { const b = box(); if (!b || b.hidden) return false; b.hidden = true; $("#q").removeAttribute("aria-activedescendant"); return true; };
    const fields = () => { const r = $("#result"); return r && r.dataset.fields ? r.dataset.fields.split(" ") : []; };
    const look = () => {
      const q = $("#q");
      const left = q.value.slice(0, q.selectionStart);
      if ((left.match(/(?<!\\)"/g) || []).length % 2) { close(); return; }
      const m = left.match(/[a-z@][\w.@]*$/i);
      if (!m || m[0].length < 2 || /:\s*$/.test(left.slice(0, m.index))) { close(); return; }
      const want = m[0].toLowerCase();
      const names = fields();
      list = names.filter((f) => f.toLowerCase().startsWith(want)).concat(names.filter((f) => !f.toLowerCase().startsWith(want) && f.toLowerCase().includes(want))).slice(0, 12);
      if (!list.length || list[0].toLowerCase() === want && list.length === 1) { close(); return; }
      word = { from: m.index, to: q.selectionStart };
      at = -1;
      draw();
    };
    const draw = () => {
      const b = box();
      b.replaceChildren(...list.map((f, i) => {
        const li = document.createElement("li");
        li.textContent = f; li.id = "complete-" + i; li.setAttribute("role", "option"); li.setAttribute("aria-selected", String(i === at));
        li.addEventListener("mousedown", (ev) => { ev.preventDefault(); at = i; take(); });
        return li;
      }));
      b.hidden = false;
      if (at >= 0) { $("#q").setAttribute("aria-activedescendant", "complete-" + at); b.children[at].scrollIntoView({ block: "nearest" }); }
    };
    const take = () => {
      const q = $("#q"), f = list[at] + ": ";
      q.value = q.value.slice(0, word.from) + f + q.value.slice(word.to).replace(/^:\s*/, "");
      q.selectionStart = q.selectionEnd = word.from + f.length;
      close();
    };
    const start = () => {
      const q = $("#q");
      if (!q) return;
      q.addEventListener("input", look);
      q.addEventListener("blur", () => setTimeout(close, 100));
      q.addEventListener("keydown", (ev) => {
        if (box().hidden) return;
        if (ev.key === "ArrowDown" || ev.key === "ArrowUp") { ev.preventDefault(); at = (at + (ev.key === "ArrowDown" ? 1 : -1) + list.length) % list.length; draw(); }
        else if ((ev.key === "Enter" || ev.key === "Tab") && (at >= 0 || ev.key === "Tab")) { ev.preventDefault(); at = Math.max(at, 0); take(); }
      });
    };
    return { close, start };
  })();

  // ---- histogram ------------------------------------------------------------------------------------------------------

  const drag = () => {
    const fig = $("#histogram"), svg = fig && $("svg", fig), box = $("#drag");
    if (!svg) return;
    const from = Number(svg.dataset.from), to = Number(svg.dataset.to);
    let begin = null, moved = false;
    const at = (ev) => { const r = svg.getBoundingClientRect(); return Math.max(0, Math.min(1, (ev.clientX - r.left) / r.width)); };
    svg.addEventListener("pointerdown", (ev) => { if (ev.button === 0) { begin = at(ev); moved = false; } });
    svg.addEventListener("pointermove", (ev) => {
      if (begin === null) return;
      const x = at(ev);
      if (!moved && Math.abs(x - begin) * svg.clientWidth < 5) return;
      if (!moved) svg.setPointerCapture(ev.pointerId);
      moved = true;
      box.setAttribute("x", String(Math.min(x, begin) * 1200));
      box.setAttribute("width", String(Math.abs(x - begin) * 1200));
    });
    const end = (ev) => {
      if (begin === null) return;
      const a = Math.min(begin, at(ev)), b = Math.max(begin, at(ev));
      begin = null;
      if (!moved || ev.type === "pointercancel") { box.setAttribute("width", "0"); return; }
      const time = (x) => new Date(Math.round(from + x * (to - from))).toISOString();
      const url = new URL(fig.dataset.range, location.href);
      url.searchParams.set("from", time(a));
      url.searchParams.set("to", time(b));
      location.href = url.pathname + url.search;
    };
    svg.addEventListener("pointerup", end);
    svg.addEventListener("pointercancel", end);
    svg.addEventListener("click", (ev) => { if (moved) { ev.preventDefault(); ev.stopPropagation(); } }, true);
    svg.addEventListener("dragstart", (ev) => ev.preventDefault());
  };

  // ---- live -----------------------------------------------------------------------------------------------------------

  const tail = (() => {
    const keep = 1000;
    let source = null, waiting = [], count = 0, skipped = 0;
    const state = () => $("#livestate");
    const stop = () => {
      if (!source) return false;
      source.close();
      source = null;
      state().textContent = say.stopped;
      const b = $("#live");
      if (b) b.setAttribute("aria-pressed", "false");
      return true;
    };
    // What somebody reads is never moved: rows go in by themselves only while the list is empty or its top is in sight and
    // nothing of it has the focus; else they wait behind a button.
    const free = () => scrollY < 40 && !$("#list").contains(document.activeElement) && !$("#panel").children.length && !String(getSelection());
    const put = () => {
      const list = $("#list");
      list.insertAdjacentHTML("afterbegin", waiting.reverse().join(""));
      waiting = []; count = 0; skipped = 0;
      while (list.children.length > keep) list.lastElementChild.remove();
      $("#news").hidden = true;
    };
    const start = () => {
      const el = state();
      if (!el) return;
      source = new EventSource(el.dataset.stream);
      source.addEventListener("rows", (ev) => {
        const m = JSON.parse(ev.data);
        waiting.push(m.html); count += m.n; skipped += m.skipped;
        if (waiting.length > keep) waiting.shift();
        total += m.n;
        el.textContent = total.toLocaleString("en-US") + (skipped ? say.more(skipped) : "");
        if ($("#list").children.length === 0 || free()) { put(); return; }
        const b = $("#news");
        b.textContent = say.news(count) + (skipped ? say.more(skipped) : "");
        b.hidden = false;
      });
      source.addEventListener("end", () => { stop(); el.textContent = say.ended; });
      source.onerror = () => { if (source && source.readyState === EventSource.CLOSED) { stop(); el.textContent = say.ended; } };
      $("#news").addEventListener("click", () => { put(); scrollTo(0, 0); });
      addEventListener("pagehide", stop);
    };
    let total = 0;
    return { start, stop };
  })();

  // ---- parts that are brought up to date -----------------------------------------------------------------------------

  const refresh = (el, every) => {
    const run = async () => {
      if (!el.isConnected) return;
      if (!document.hidden) {
        try {
          const res = await fetch(el.dataset.live, { headers: { "X-Weir-Part": "live" } });
          if (res.status === 401) { location.reload(); return; }
          if (res.ok) {
            const t = document.createElement("template");
            t.innerHTML = await res.text();
            const next = t.content.firstElementChild;
            if (next && !el.contains(document.activeElement)) { el.replaceWith(next); if (!next.dataset.live) { location.reload(); return; } el = next; }
          }
        } catch { /* the next one may come through */ }
      }
      setTimeout(run, every);
    };
    setTimeout(run, every);
  };

  const ready = () => {
    document.documentElement.classList.add("has-js");
    for (const el of all("#live, [data-copy]")) el.hidden = false;
    complete.start();
    drag();
    tail.start();
    for (const el of all("[data-live]")) refresh(el, Number(el.dataset.every) || 10000);
    const from = $("#from");
    if (from) from.addEventListener("change", () => { const to = $('#query input[name="to"]'); if (to) to.remove(); $("#query").requestSubmit(); });
    const open = $("#list > tr.open");
    if (open) open.scrollIntoView({ block: "nearest" });
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready); else ready();
})();
