"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const form = byId("filters");
  const status = byId("status");
  const matrix = byId("matrix");
  const panel = byId("panel");

  // Every (protocol, port) is a point of one line, as in the package.
  const protocols = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 };
  const points = 65536;

  const pairs = Array.from(document.querySelectorAll("details[data-p]"), (element) => {
    const ends = Array.from(element.querySelectorAll("summary code"));
    const body = element.lastElementChild;
    return {
      element,
      body,
      names: ends.map((end) => end.textContent),
      roles: ends.map((end) => end.dataset.role),
      labels: element.dataset.v.split(" "),
      spans: element.dataset.p.split(" ").map((span) => span.split("-").map(Number)),
    };
  });
  const pairOf = new Map(pairs.map((pair) => [pair.body.id, pair]));
  const cells = matrix ? Array.from(matrix.querySelectorAll("tbody a"), (link) => ({ link, cell: link.parentElement })) : [];
  const groups = Array.from(document.querySelectorAll(".group"));
  const left = Number(document.querySelector(".pairs > [data-left]")?.dataset.left ?? 0);

  // What somebody looks for: stretches of the line, of which one is enough; null for what is no port.
  const wanted = (text) => {
    const all = [0, 256 * points - 1];
    if (text === "") return { spans: [], whole: true };
    if (text === "all") return { spans: [all], whole: true };
    const [, first, last, name] = /^(?:(all|\d{1,5})(?:-(all|\d{1,5}))?\/)?([a-z][a-z0-9]*|\d{1,3})$/.exec(text) ?? [];
    const number = protocols[name] ?? (/^\d{1,3}$/.test(name ?? "") && first ? Number(name) : undefined);
    if (number !== undefined && number < 256) {
      const start = number * points;
      if (first === undefined || first === "all") return { spans: [[start, start + points - 1]], whole: first === "all" };
      if (name.startsWith("icmp")) {
        const type = start + Number(first) * 256;
        return { spans: [last === undefined || last === "all" ? [type, type + 255] : [type + Number(last), type + Number(last)]], whole: false };
      }
      return range(first, last, [number]);
    }
    const [, from, to] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
    return from === undefined ? null : range(from, to, [protocols.tcp, protocols.udp]);
  };
  const range = (first, last, of) => {
    const [low, high] = [Number(first), Number(last ?? first)];
    if (high >= points || low > high) return null;
    return { spans: of.map((protocol) => [protocol * points + low, protocol * points + high]), whole: true };
  };
  const has = (pair, { spans, whole }) =>
    spans.length === 0 ||
    spans.some(([first, last]) =>
      pair.spans.some(([low, high = low]) => (whole ? low <= first && last <= high : low <= last && first <= high)),
    );

  const isOf = (pair, end) => {
    const [kind, name] = [end.slice(0, 5), end.slice(5)];
    return end === "" || (kind === "role:" ? pair.roles : pair.names).includes(name);
  };

  const show = () => {
    const { end, name, port, verdict } = form.elements;
    const ports = wanted(port.value.trim().toLowerCase());
    const part = name.value.trim().toLowerCase();
    if (ports === null) port.setAttribute("aria-invalid", "true");
    else port.removeAttribute("aria-invalid");
    let shown = 0;
    for (const pair of pairs) {
      const visible =
        isOf(pair, end.value) &&
        pair.names.some((one) => one.toLowerCase().includes(part)) &&
        (ports === null || has(pair, ports)) &&
        (verdict.value === "" || pair.labels.includes(verdict.value));
      pair.element.hidden = !visible;
      shown += visible ? 1 : 0;
    }
    for (const group of groups) group.hidden = !group.querySelector("details:not([hidden]), h3 ~ p");
    showCells(shown < pairs.length);
    const wrong = ports === null ? `"${port.value.trim()}" is no port such as 443, 53/udp, 30000-32767/tcp, 8/icmp or tcp. ` : "";
    status.classList.toggle("some", shown < pairs.length);
    const [some, all] = [shown, pairs.length].map((number) => number.toLocaleString("en"));
    const beside = left ? `; ${left.toLocaleString("en")} more have no room on this page, and are not looked at` : "";
    status.textContent = `${wrong}${shown < pairs.length ? `${some} of ${all}` : `All ${all}`} shown${beside}`;
  };

  // Rows and columns without anything to show are not shown either.
  const showCells = (some) => {
    if (!matrix) return;
    const columns = new Set();
    const rows = new Set();
    for (const { link, cell } of cells) {
      link.hidden = pairOf.get(link.hash.slice(1)).element.hidden;
      if (!link.hidden) {
        columns.add(cell.cellIndex);
        rows.add(cell.parentElement);
      }
    }
    for (const row of matrix.rows) {
      row.hidden = some && row.parentElement.localName === "tbody" && !rows.has(row);
      for (const cell of row.cells) cell.hidden = some && cell.cellIndex > 0 && !columns.has(cell.cellIndex);
    }
    const view = form.elements.cells?.value;
    if (view) matrix.dataset.cells = view;
    else delete matrix.dataset.cells;
  };

  const fields = () => Array.from(form.elements).filter((field) => field.name);

  // What is looked for stands in the address, so that it can be passed on.
  const remember = () => {
    const kept = new URLSearchParams(fields().filter((field) => field.value).map((field) => [field.name, field.value.trim()]));
    history.replaceState(null, "", kept.size ? `#${kept}` : location.pathname + location.search);
  };
  const recall = () => {
    const fragment = location.hash.slice(1);
    const pair = pairOf.get(fragment);
    if (pair) {
      if (pair.element.hidden) {
        for (const field of fields()) field.value = "";
        show();
      }
      pair.element.open = true;
      pair.element.scrollIntoView();
      pair.element.firstElementChild.focus();
    } else if (fragment.includes("=")) {
      const kept = new URLSearchParams(fragment);
      for (const field of fields()) {
        field.value = kept.get(field.name) ?? "";
        if (field.selectedIndex === -1) field.value = "";
      }
      show();
    }
  };

  const open = (pair) => {
    const copy = (selector) => Array.from(pair.element.querySelectorAll(`summary ${selector}`), (one) => one.cloneNode(true));
    const sides = document.createElement("div");
    sides.className = "sides";
    sides.append(...copy(".ports"));
    const details = pair.body.cloneNode(true);
    if (!details.hasChildNodes()) details.append("There is no room for details on this page.");
    for (const heading of details.querySelectorAll("h4")) {
      const higher = document.createElement("h3");
      higher.textContent = heading.textContent;
      heading.replaceWith(higher);
    }
    byId("panel-title").textContent = pair.names.join(" to ");
    byId("panel-body").className = pair.element.className;
    byId("panel-body").replaceChildren(...copy("b"), ...copy(".said"), sides, ...details.childNodes);
    byId("panel-link").href = `#${pair.body.id}`;
    panel.showModal();
    panel.scrollTop = 0;
  };

  const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const step = (event) => {
    const by = steps[event.key];
    const from = event.target.closest("tbody a")?.parentElement;
    if (!by || !from || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    let [row, column] = [from.parentElement.rowIndex, from.cellIndex];
    for (;;) {
      row += by[0];
      column += by[1];
      const cell = row > 0 && column > 0 ? matrix.rows[row]?.cells[column] : undefined;
      if (!cell) break;
      const link = cell.querySelector("a:not([hidden])");
      if (link) {
        link.focus();
        break;
      }
    }
    event.preventDefault();
  };

  const theme = byId("theme");
  const root = document.documentElement;
  const isDark = () =>
    root.style.colorScheme ? root.style.colorScheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const nameTheme = () => {
    theme.textContent = isDark() ? "Light" : "Dark";
    theme.setAttribute("aria-label", isDark() ? "Light theme" : "Dark theme");
  };
  theme.addEventListener("click", () => {
    root.style.colorScheme = isDark() ? "light" : "dark";
    nameTheme();
  });
  nameTheme();
  theme.hidden = false;

  // Nothing to look for where nobody reaches anybody.
  if (!form) return;
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    show();
    remember();
  });
  form.addEventListener("reset", () =>
    setTimeout(() => {
      show();
      remember();
    }),
  );

  matrix?.addEventListener("click", (event) => {
    const link = event.target.closest("tbody a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(pairOf.get(link.hash.slice(1)));
  });
  matrix?.addEventListener("keydown", step);
  // The browser itself is content with a part of it.
  matrix?.addEventListener("focusin", (event) => event.target.closest("tbody a")?.scrollIntoView({ block: "nearest", inline: "nearest" }));
  byId("close").addEventListener("click", () => panel.close());
  byId("panel-link").addEventListener("click", () => panel.close());
  // A click beside the panel, all of it: who selects text may let go there.
  const isBeside = (event) => {
    const box = panel.getBoundingClientRect();
    return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
  };
  let beside = false;
  panel.addEventListener("pointerdown", (event) => (beside = isBeside(event)));
  panel.addEventListener("click", (event) => beside && event.target === panel && isBeside(event) && panel.close());

  // What gets the focus, or is jumped to, is not to end under what stays in its place.
  const makeRoom = () => {
    const corner = matrix?.querySelector(".corner");
    if (corner) matrix.parentElement.style.scrollPadding = `${corner.offsetHeight}px 0 0 ${corner.offsetWidth}px`;
    const stays = getComputedStyle(form).position === "sticky" ? form.offsetHeight : 0;
    root.style.scrollPaddingTop = `${stays + 8}px`;
  };
  addEventListener("resize", makeRoom);

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = pairs.filter((pair) => !pair.element.open);
    for (const pair of closed) pair.element.open = true;
  });
  addEventListener("afterprint", () => {
    for (const pair of closed) pair.element.open = false;
  });

  addEventListener("hashchange", recall);
  show();
  makeRoom();
  recall();
})();
