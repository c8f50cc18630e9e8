# SPDX-License-Identifier: Apache-2.0
"""The HTML report in headless Chromium: it fits a phone, every chart is drawn, nothing is fetched."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from tests.conftest import lacking
from tests.replays import judged, replayed
from tinyedge.judge import charts, page

PHONE = 360  # CSS pixels
MEASURE = """
<script>
onload = () => {
    const inside = document.querySelector("iframe").contentDocument;
    const images = [...inside.images];
    const fetched = inside.defaultView.performance.getEntriesByType("resource").map(one => one.name);
    const found = {
        width: inside.documentElement.scrollWidth,
        charts: images.map(image => image.complete && image.naturalWidth > 0),
        outside: fetched.filter(name => !name.startsWith("data:")),
        small: images.filter(image => image.width < 300).length,
    };
    document.body.append(Object.assign(document.createElement("pre"), {textContent: JSON.stringify(found)}));
};
</script>
"""


def test_the_report_is_legible_on_a_phone_and_fetches_nothing(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        lacking("chromium is missing: apt-get install chromium")
    found = judged(replayed(wrong=2), flash=1, accuracy_drop=0.1)
    named = replace(found.build, model=replace(found.build.model, name="m" + "_long" * 30))
    text = page.render(replace(found, build=named), charts.draw(found), "2026-11-28T18:00:00+00:00")
    frame = (
        f'<iframe style="border: 0; width: {PHONE}px; height: 4000px" srcdoc="{html.escape(text)}"></iframe>'
    )
    (tmp_path / "page.html").write_text(f"<!DOCTYPE html><body>{frame}{MEASURE}</body>", encoding="utf-8")
    ended = subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom",
            (tmp_path / "page.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    said = re.search(r"<pre>(.*?)</pre>\s*</body>", ended.stdout, re.DOTALL)
    assert said is not None, ended.stdout[-2000:]
    measured = json.loads(html.unescape(said[1]))
    assert measured == {"width": PHONE, "charts": [True] * 4, "outside": [], "small": 0}
