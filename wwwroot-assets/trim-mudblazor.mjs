// Copies MudBlazor's stylesheet without the components that the house does not use and without classes of single screen widths: the browser reads
// all of it at a first visit, and asks it again for each element that changes. What is named here is left out; whatever is new in MudBlazor stays.
import { readFileSync, writeFileSync } from "node:fs";

const unused = ["avatar", "badge", "button-group", "carousel", "chart", "chip", "data-grid", "expand", "fab", "grid", "navmenu", "pagination", "picker", "progress", "rating", "simple-table", "slider",
    "step", "stepper", "tab", "table", "tabs", "timeline", "toggle", "treeview"];
const gone = new RegExp(`\\.(mud-(${unused.join("|")})(?![a-z])|(?!mud-)[a-z0-9-]+-(sm|md|lg|xl|xxl)-)`);

// What a selector must not be says nothing about what it is.
const matches = selector => gone.test(selector.replace(/:(not|is|where)\([^()]*(\([^()]*\)[^()]*)*\)/g, ""));

function split(text, at) {
    const parts = [];
    let depth = 0, begin = 0;
    for (let i = 0; i < text.length; i++) {
        if (text[i] === "(" || text[i] === "[") depth++;
        else if (text[i] === ")" || text[i] === "]") depth--;
        else if (text[i] === at && depth === 0) { parts.push(text.slice(begin, i)); begin = i + 1; }
    }
    return [...parts, text.slice(begin)];
}

function* rules(text) {
    let depth = 0, begin = 0;
    for (let i = 0; i < text.length; i++) {
        if (text[i] === "{") depth++;
        else if (text[i] === "}" && --depth === 0) { yield text.slice(begin, i + 1); begin = i + 1; }
        // A statement without a block: @charset, @import.
        else if (text[i] === ";" && depth === 0) { yield text.slice(begin, i + 1); begin = i + 1; }
    }
}

function trim(text) {
    let kept = "";
    for (const rule of rules(text)) {
        const open = rule.indexOf("{");
        const head = rule.slice(0, open).trim();
        if (/^@(media|supports)/.test(head)) {
            const inner = trim(rule.slice(open + 1, -1));
            if (inner) kept += `${head}{${inner}}`;
        } else if (open < 0 || head.startsWith("@")) {
            kept += rule;
        } else {
            const selectors = split(head, ",").filter(selector => !matches(selector));
            if (selectors.length > 0) kept += selectors.join(",") + rule.slice(open);
        }
    }
    return kept;
}

const [from, to] = process.argv.slice(2);
writeFileSync(to, trim(readFileSync(from, "utf8")));
