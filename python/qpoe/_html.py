"""How a record looks in a notebook. Everything that a record says is escaped: it may come from anyone's label or circuit."""

import html

SHOWN_PROGRAMS = 3
SHOWN_OUTCOMES = 8
BAR = 160


def record_html(record, content):
    execution, workload = content["execution"], content["workload"]
    label = (content.get("labels") or {}).get("label")
    rows = [
        *([("label", label)] if label else []),
        ("record", record.record_id),
        ("hash", record.hash),
        ("ran on", "%s, %s (%s)" % (workload["sdk"], execution["backend"], execution["class"])),
        ("when", "%s to %s" % (execution["started_at"], execution["finished_at"])),
        ("programs", "%d, %d shots" % (len(workload["programs"]), workload["shots"])),
        ("file", record.path),
    ]
    results = execution["result_summary"]
    shown = "".join(result_html(result) for result in results[:SHOWN_PROGRAMS])
    more = len(results) - SHOWN_PROGRAMS
    return '<div class="qpoe-record"><table>%s</table>%s%s</div>' % (
        "".join("<tr><th style='text-align:left'>%s</th><td><code>%s</code></td></tr>" % (safe(n), safe(v)) for n, v in rows),
        shown,
        "<p>and %d more programs</p>" % more if more > 0 else "",
    )


def result_html(result):
    if result["kind"] == "expectation":
        values = ", ".join("%.6g" % value for value in result["values"][:SHOWN_OUTCOMES])
        return "<p>expectation values <code>%s%s</code></p>" % (safe(values), ", …" if len(result["values"]) > SHOWN_OUTCOMES else "")
    if "counts" not in result:
        return "<p>%d outcomes, by digest <code>%s</code></p>" % (result["outcomes"], safe(result["digest"]))
    counts = sorted(result["counts"].items(), key=lambda pair: (-pair[1], pair[0]))
    largest = counts[0][1] if counts else 1
    rows = "".join(
        "<tr><td><code>%s</code></td><td style='text-align:right'>%d</td>"
        "<td style='text-align:left'><div style='background:#4a7bb7;height:0.8em;width:%dpx'></div></td></tr>"
        % (safe(outcome[:64]), count, max(1, BAR * count // largest))
        for outcome, count in counts[:SHOWN_OUTCOMES]
    )
    more = len(counts) - SHOWN_OUTCOMES
    return "<table>%s</table>%s" % (rows, "<p>and %d more outcomes</p>" % more if more > 0 else "")


def verdict_html(lines):
    return "".join("<p><strong>%s</strong></p>" % safe(line) for line in lines)


def safe(text):
    return html.escape(str(text), quote=True)
