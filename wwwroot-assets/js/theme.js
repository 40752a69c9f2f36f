// System, light or dark: the stylesheet does the rest, so nothing flashes and no round trip is needed.
(() => {
    const root = document.documentElement;
    const remember = (name, value) => { document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax`; };
    const announce = () => document.dispatchEvent(new Event("themechange"));
    const isDark = () => getComputedStyle(root).getPropertyValue("--mud-native-html-color-scheme").trim() === "dark";
    const set = value => {
        root.dataset.theme = value;
        remember("theme", value);
        announce();
    };
    // A page that nobody sees is told to stop following; one that is away from its server hears it when it is back.
    let tab = null;
    const tell = () => tab?.invokeMethodAsync("Seen", document.visibilityState === "visible").catch(() => {});
    document.addEventListener("visibilitychange", tell);
    const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
    remember("zone", here);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", announce);
    document.addEventListener("click", event => {
        const choice = event.target.closest("[data-theme-set]");
        if (choice) set(choice.dataset.themeSet);
        else if (event.target.closest("[data-theme-toggle]")) set(isDark() ? "light" : "dark");
    });
    // Names of a zone may differ and mean the same: both as the browser calls them.
    const isHere = zone => { try { return Intl.DateTimeFormat(undefined, { timeZone: zone }).resolvedOptions().timeZone === here; } catch { return false; } };
    window.dashboardViewer = {
        theme: () => root.dataset.theme,
        // Called by the live page, with the zone that it is drawn for; the mark tells whoever waits (a test, a script) that clicks now reach the server.
        // Where the browser's zone is another it is told instead, and the page calls again.
        alive: (page, zone) => {
            if (zone && !isHere(zone)) return here;
            tab = page;
            tell();
            root.dataset.alive = "";
            return null;
        }
    };
})();
