// Ctrl+K opens the palette; single letters move about, unless somebody is typing or has switched them off.
(() => {
    const off = () => localStorage.getItem("letter-keys") === "off";
    const typing = target => target.closest("input, textarea, select, [contenteditable]");
    const places = { f: "/", b: "/backups", a: "/activity", s: "/settings" };
    let pending = null;

    document.addEventListener("keydown", event => {
        if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
            event.preventDefault();
            document.querySelector("[data-palette]")?.click();
            return;
        }
        // In a list that is driven from its field the arrows move the choice, not the caret.
        if (event.target.matches?.("[role=combobox]") && (event.key === "ArrowDown" || event.key === "ArrowUp")) event.preventDefault();
        if (event.ctrlKey || event.metaKey || event.altKey || off() || typing(event.target)) return;
        if (pending === "g" && places[event.key]) {
            pending = null;
            Blazor.navigateTo(places[event.key]);
        } else if (event.key === "/") {
            const filter = document.querySelector("[data-filter] input, input[data-filter]");
            if (filter) { event.preventDefault(); filter.focus(); }
        } else if (event.key === "?") {
            document.querySelector("[data-keys-help]")?.click();
        } else {
            pending = event.key;
            setTimeout(() => { pending = null; }, 1200);
        }
    });

    document.addEventListener("change", event => {
        const choice = event.target.closest("[data-letter-keys] input");
        if (choice) localStorage.setItem("letter-keys", choice.checked ? "on" : "off");
    });
    // Dialogs of the page's own markup: the browser holds the focus in them and gives it back.
    const open = dialog => { if (dialog && !dialog.open) dialog.showModal(); };
    document.addEventListener("click", event => {
        const opener = event.target.closest("[data-opens]");
        if (opener) open(document.getElementById(opener.dataset.opens));
        else if (event.target.closest("[data-closes]") || event.target.matches("dialog[open]:not(.reconnect)")) event.target.closest("dialog").close();
    });
    document.addEventListener("close", event => event.target.querySelectorAll("input").forEach(input => { input.value = ""; }), true);
    window.dashboardKeys = {
        lettersOn: () => !off(),
        show: id => document.getElementById(id)?.scrollIntoView({ block: "nearest" }),
        close: id => document.getElementById(id)?.close(),
        press: selector => document.querySelector(selector)?.click(),
    };
})();
