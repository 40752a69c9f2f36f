// What the tab itself sees, in unix milliseconds of the machine's clock: when the server's pictures arrive, and when the page has changed.
(() => {
    const arrived = [], changed = [];
    let toClock = 0, aliveAt = null;

    // Date.now() is whole milliseconds; the moment in which it moves on tells the fraction.
    const setClock = () => {
        const before = Date.now();
        let now;
        do { now = Date.now(); } while (now === before);
        toClock = now - performance.now();
    };

    const Native = window.WebSocket;
    window.WebSocket = class extends Native {
        constructor(...given) {
            super(...given);
            // Before Blazor's own listener, and no more than noted: the messages are looked into when nothing is measured.
            this.addEventListener("message", ({ data }) => { if (data instanceof ArrayBuffer) arrived.push([performance.now(), data]); });
        }
    };

    const rowOf = node => (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement)?.closest("tbody > tr");
    new MutationObserver(changes => {
        const at = performance.now();
        if (aliveAt === null && document.documentElement?.hasAttribute("data-alive")) aliveAt = at;
        changed.push([at, new Set(changes.map(change => rowOf(change.target)).filter(row => row)).size]);
    }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });

    const rendersIn = data => new TextDecoder("latin1").decode(data).split("JS.RenderBatch").length - 1;
    const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

    // From an act to the change of the page that answers it.
    const answered = (act, isDone) => new Promise((resolve, reject) => {
        const late = setTimeout(() => { watch.disconnect(); reject(new Error("The page did not answer.")); }, 10000);
        const watch = new MutationObserver(() => {
            if (!isDone()) return;
            const at = performance.now();
            watch.disconnect();
            clearTimeout(late);
            resolve(at - began);
        });
        watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
        const began = performance.now();
        act();
    });

    window.benchmark = {
        aliveAt: () => aliveAt,
        firstPaint: () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null,
        firstByte: () => { const [page] = performance.getEntriesByType("navigation"); return page.responseStart - page.requestStart; },
        begin() { arrived.length = changed.length = 0; setClock(); },

        // Each picture as JSON: when it arrived, when the page had changed for it (null where it changed nothing), and how many rows of a table that touched.
        pictures() {
            const messages = arrived.map(([at, data]) => [at, rendersIn(data)]).filter(([, count]) => count > 0);
            return JSON.stringify(messages.flatMap(([at, count], i) => {
                const until = messages[i + 1]?.[0] ?? Infinity;
                const change = changed.find(([when]) => when >= at && when < until);
                return Array(count).fill({ arrivedAt: at + toClock, changedAt: change ? change[0] + toClock : null, rows: change ? change[1] : 0 });
            }));
        },

        // Opens the menu of one row after the other, and closes it: both are clicks that the server answers.
        async clickMenus(times) {
            const rows = [...document.querySelectorAll("tbody tr")], took = [];
            for (let i = 0; i < times; i++) {
                const row = rows[i % rows.length];
                const button = row.querySelector("button[aria-expanded]");
                took.push(await answered(() => button.click(), () => row.querySelector("ul.menu")));
                await pause(40 + Math.random() * 120);
                took.push(await answered(() => button.click(), () => !row.querySelector("ul.menu")));
                await pause(40 + Math.random() * 120);
            }
            return took;
        },

        // Another text in the filter: from the key to the rows that fit.
        async typeFilters(texts) {
            const field = document.getElementById("filter"), took = [];
            const all = document.querySelectorAll("tbody tr").length;
            const write = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
            const fits = text => {
                const names = [...document.querySelectorAll("tbody .name")];
                return names.length === all ? text === "" : text !== "" && names.length > 0 && names.every(name => name.textContent.includes(text));
            };
            for (const text of texts) {
                took.push(await answered(() => { write.call(field, text); field.dispatchEvent(new Event("input", { bubbles: true })); }, () => fits(text)));
                await pause(250 + Math.random() * 120);
            }
            return took;
        }
    };
})();
