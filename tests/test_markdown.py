"""HTML as Markdown, for the plain text area."""

from __future__ import annotations

import re

import pytest

from content import richtext
from content.markdown import to_markdown

ITEM, FILE = "a" * 32, "b" * 32
SAYABLE = (
    "",
    "<p>明天停水。</p>",
    "<h2>時間</h2><p>上午<br>九時，<strong>請儲水</strong></p>",
    "<ul><li>一</li><li>二<ul><li>三</li></ul></li></ul>",
    '<ol start="3"><li>甲</li><li>乙</li></ol>',
    f'<p>見<a href="item:{ITEM}#4.2">規程</a></p>',
    f'<p><img src="file:{FILE}" alt="圖[一]"></p>',
    "<blockquote><p>甲</p><p>乙</p></blockquote>",
    "<table><thead><tr><th>時</th><th>價</th></tr></thead><tbody><tr><td>9</td><td>2*3|4</td></tr></tbody></table>",
    "<p>1. 不是列表</p><p># 不是標題</p><p>- 也不是</p><p>+ 也不是</p><p>&gt; 也不是</p><p>2) 也不是</p>",
    "<p>*星* _線_ `碼` [x](y) &lt;p&gt; \\ ~~</p>",
    "<p>前</p><hr><p>後</p>",
)
UNSAYABLE = (
    "<p><u>底線</u></p>",
    "<table><tbody><tr><td>無頭</td></tr></tbody></table>",
    '<table><thead><tr><th colspan="2">合</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>',
    f'<figure><img src="file:{FILE}" alt=""><figcaption>圖一</figcaption></figure>',
    "<p>這是<strong>「很」</strong>重要</p>",  # CommonMark does not open bold between such marks
)


def bare(html: str) -> str:
    return re.sub(r"\s*(<[^>]*>)\s*", r"\1", html)


@pytest.mark.parametrize("html", SAYABLE)
def test_what_markdown_can_say_comes_back_the_same(html: str) -> None:
    clean = richtext.sanitise(html)
    text = to_markdown(clean)
    assert text is not None
    assert bare(richtext.from_markdown(text)) == bare(clean)


@pytest.mark.parametrize("html", UNSAYABLE)
def test_what_it_cannot_say_is_left_as_html(html: str) -> None:
    assert to_markdown(richtext.sanitise(html)) is None
