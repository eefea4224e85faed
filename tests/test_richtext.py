"""Rich text: what is kept, what never gets through, and what becomes of text pasted from Word and others."""

# ruff: noqa: E501  the samples are what other programs write, line for line

from __future__ import annotations

import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content import richtext

ITEM, FILE = "a" * 32, "b" * 32

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta http-equiv=Content-Type content="text/html; charset=gb2312"><title>x</title>
<style><!-- p.MsoNormal {mso-style-parent:""; font-family:等线;} --></style>
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]--></head>
<body lang=ZH-CN style='tab-interval:21.0pt'><!--StartFragment-->
<h1 style='text-align:center'><b><span style='font-family:黑体'>关于停水的通知<o:p></o:p></span></b></h1>
<p class=MsoNormal style='text-indent:24.0pt'><span style='font-size:12.0pt'>　　各位业主：<o:p></o:p></span></p>
<p class=MsoNormal><span lang=EN-US><o:p>&nbsp;</o:p></span></p>
<p class=MsoListParagraph style='margin-left:18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
lang=EN-US><span style='mso-list:Ignore'>1.<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;
</span></span></span><![endif]>请提前<b>储水</b>；</p>
<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><![if !supportLists]><span style='font-family:
Wingdings'><span style='mso-list:Ignore'>Ø<span>&nbsp; </span></span></span><![endif]>厨房<o:p></o:p></p>
<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><![if !supportLists]><span style='font-family:
Wingdings'><span style='mso-list:Ignore'>Ø<span>&nbsp; </span></span></span><![endif]>卫生间</p>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]><span><span
style='mso-list:Ignore'>2.<span>&nbsp; </span></span></span><![endif]>关好龙头。</p>
<p class=MsoNormal style='mso-list:l1 level1 lfo2'><![if !supportLists]><span><span
style='mso-list:Ignore'>（一）<span>&nbsp; </span></span></span><![endif]>范围</p>
<p class=MsoNormal>签名：<u><span lang=EN-US>&nbsp;&nbsp;&nbsp;&nbsp;</span></u>日期</p>
<table class=MsoNormalTable border=1 style='border-collapse:collapse'><col width=72><tr>
<td width=100 valign=top colspan=2 style='width:75pt'><p class=MsoNormal align=center><b>楼栋</b></p></td></tr>
<tr><td><p class=MsoNormal>1栋</p></td><td><p class=MsoNormal>8:00</p><p class=MsoNormal>9:00</p></td></tr></table>
<p class=MsoNormal>见<a href="http://example.com/a?b=1&amp;c=2"><span>网页</span></a>，<a name="_Toc1">一</a
><img src="file:///C:/Users/a/clip_image001.png" alt="图"></p>
<!--EndFragment--></body></html>"""

WORD_CLEAN = (
    "<h2>关于停水的通知</h2><p>各位业主：</p>"
    "<ol><li>请提前<strong>储水</strong>；<ul><li>厨房</li><li>卫生间</li></ul></li><li>关好龙头。</li></ol>"
    "<p>（一）范围</p><p>签名：<u>&nbsp;&nbsp;&nbsp;&nbsp;</u>日期</p>"
    '<table><tbody><tr><td colspan="2"><strong>楼栋</strong></td></tr>'
    "<tr><td>1栋</td><td><p>8:00</p><p>9:00</p></td></tr></tbody></table>"
    '<p>见<a href="http://example.com/a?b=1&amp;c=2" rel="noopener">网页</a>，一</p>'
)

# As Chrome hands over Word's clipboard: the conditions are plain comments there.
WORD_IN_CHROME = """<p class="MsoListParagraphCxSpFirst" style="text-indent:-18pt;mso-list:l0 level1 lfo1">
<!--[if !supportLists]--><span style="font-family:Symbol"><span style="mso-list:Ignore">·<span>&nbsp;&nbsp;</span>
</span></span><!--[endif]-->甲</p><p class="MsoListParagraphCxSpLast" style="mso-list:l0 level1 lfo1">
<!--[if !supportLists]--><span style="font-family:Symbol"><span style="mso-list:Ignore">·<span>&nbsp;</span>
</span></span><!--[endif]-->乙</p>"""

WPS = """<p class="MsoNormal" style="mso-char-indent-count:0;mso-list:l0 level1 lfo1"><![if !supportLists]><span
 style="font-family:宋体"><span style="mso-list:Ignore;">3、<span>&nbsp;</span></span></span><![endif]><font
 face="宋体">出入證</font><span style="mso-spacerun:'yes'"><o:p></o:p></span></p>
<p class="MsoNormal"><span style="font-weight:bold">注意</span></p>"""

DOCS = """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1"><h2 dir="ltr">
<span style="font-size:16pt;">標題</span></h2><p dir="ltr" style="line-height:1.38"><span
style="font-weight:700;font-style:normal;">粗</span><span style="font-weight:400">平</span><span
style="font-style:italic;text-decoration:none">斜</span></p><ul style=""><li dir="ltr" aria-level="1"><p dir="ltr"
role="presentation"><span style="">甲</span></p></li><ul><li><p><span>乙</span></p></li></ul></ul></b><br
class="Apple-interchange-newline">"""


@pytest.mark.parametrize(
    ("pasted", "clean"),
    [
        (WORD, WORD_CLEAN),
        (WORD_IN_CHROME, "<ul><li>甲</li><li>乙</li></ul>"),
        (WPS, '<ol start="3"><li>出入證</li></ol><p><strong>注意</strong></p>'),
        (
            DOCS,
            "<h2>標題</h2><p><strong>粗</strong>平<em>斜</em></p><ul><li>甲<ul><li>乙</li></ul></li></ul>",
        ),
        ("<div>a</div><div>b<div>c</div></div>tail <b>x</b>", "<p>a</p><p>b</p><p>c</p><p>tail <strong>x</strong></p>"),
        ("<p>一\n二 three\nfour</p>", "<p>一二 three four</p>"),
        ("<p><strong> </strong><em></em>&nbsp;</p><p><br></p><p>x<br></p>", "<p>x</p>"),
        ("<ul><li><p>a</p></li><li><p>b</p><p>c</p></li></ul>", "<ul><li>a</li><li><p>b</p><p>c</p></li></ul>"),
        ("<pre>a\n  b</pre>", "<pre>a\n  b</pre>"),
        (
            f'<figure><img src="file:{FILE}" alt="圖"><figcaption>說明</figcaption></figure>',
            f'<figure><img src="file:{FILE}" alt="圖"><figcaption>說明</figcaption></figure>',
        ),
        ('<table><tr><th scope="col">a</th></tr></table>', '<table><tbody><tr><th scope="col">a</th></tr></tbody></table>'),
    ],
)  # fmt: skip
def test_what_is_pasted_becomes_plain_structure(pasted: str, clean: str) -> None:
    assert richtext.sanitise(pasted) == clean


def test_words_survive_a_pasted_document() -> None:
    assert richtext.plain_text(WORD_CLEAN).splitlines()[:3] == [
        "关于停水的通知",
        "各位业主：",
        "请提前储水；",
    ]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "&#106;avascript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "vbscript:x",
        "//evil.example/x",
        "\\\\evil.example",
        "/\\evil.example",
        "https:evil",
        "https:///evil",
        "file:///etc/passwd",
        f"file:{FILE}",
        "item:../../x",
        f"item:{ITEM}#a b",
        "relative/page",
        "",
    ],
)
def test_a_bad_link_leaves_its_words(address: str) -> None:
    assert richtext.sanitise(f'<p>x <a href="{address}">words</a></p>') == "<p>x words</p>"


@pytest.mark.parametrize(
    "address",
    ["https://example.com/a?b=1", "http://例.test/", "mailto:a@b.c", "tel:+86 10-1234", f"item:{ITEM}", f"item:{ITEM}#四(三)2", "#part"],
)  # fmt: skip
def test_a_good_link_stays(address: str) -> None:
    html = richtext.sanitise(f'<p><a href="{address}" target="_blank" onclick="x()">w</a></p>')
    assert 'rel="noopener"' in html
    assert "onclick" not in html
    assert "target" not in html
    assert richtext.sanitise(html) == html
    if address.startswith("item:"):
        assert f'href="{address}"' in html


@pytest.mark.parametrize(
    "source",
    ["https://example.com/x.png", "data:image/png;base64,AAAA", f"//file:{FILE}", f"FILE:{FILE}", "file:///c:/x.png", "x"],
)  # fmt: skip
def test_a_picture_that_is_not_ours_is_dropped(source: str) -> None:
    assert "img" not in richtext.sanitise(f'<p>a<img src="{source}" onerror="x()">b</p>')


VECTORS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><animate onbegin=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object><embed src=//x>",
    "<p style='background:url(javascript:alert(1))'>x",
    "<p class=x id=y data-a=b onmouseover='x()'>x</p>",
    "<a href='javascript&colon;alert(1)'>x</a>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<template><script>alert(1)</script></template>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<table><td background=javascript:alert(1)>x",
    "<details open ontoggle=alert(1)>x",
    "<input autofocus onfocus=alert(1)>",
    "<p>\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    '<img alt="<img src=x onerror=alert(1)>" src="file:' + FILE + '">',
    '<img src="file:' + FILE + '" alt="`onerror=alert(1)">',
]


class Inspector(HTMLParser):
    """Reads HTML as a stranger would and refuses whatever is not on the allow-list."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in richtext.TAGS, tag
        allowed = richtext.ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set())
        for name, value in attrs:
            assert name in allowed, (tag, name)
            if name == "href":
                assert richtext.safe_link(value or "") is not None, value
            if name == "src":
                assert (value or "").startswith("file:")
                assert (value or "")[5:].isalnum()

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError("a declaration")

    def handle_pi(self, data: str) -> None:
        raise AssertionError("an instruction")


def inspect(html: str) -> None:
    reader = Inspector()
    reader.feed(html)
    reader.close()


def as_shown(html: str) -> str:
    return richtext.render(
        html, to_script="", links=lambda uid: (f"/x/{uid}", "T"), pictures=lambda uid: f"/files/{uid}"
    )


@pytest.mark.parametrize("vector", VECTORS)
@pytest.mark.parametrize(
    "frame", ["%s", "<p>a%sb</p>", "<table><tr><td>%s</td></tr></table>", "<pre>%s</pre>"]
)
def test_known_attacks_do_nothing(vector: str, frame: str) -> None:
    html = richtext.sanitise(frame % vector)
    inspect(html)
    assert richtext.sanitise(html) == html


PIECES = st.one_of(
    st.sampled_from(
        ["<p>", "</p>", "<b>", "</b>", "<i>", "</i>", "<ul>", "</ul>", "<ol start=3>", "</ol>", "<li>", "</li>", "<table>",
         "</table>", "<tr>", "</tr>", "<td>", "</td>", "<div>", "</div>", "<h1>", "</h1>", "<h3>", "</h3>", "<blockquote>",
         "</blockquote>", "<pre>", "</pre>", "<u>", "</u>", "<br>", "<hr>", "<svg>", "</svg>", "<style>", "</style>", "<!--",
         "-->", "<a href='javascript:x'>", "<a href='https://a.b/'>", "</a>", f"<img src='file:{FILE}' alt='x'>", "&nbsp;",
         "&lt;", "<", ">", '"', "'", "=", " ", "\n", "字", "word", "<o:p>", "</o:p>", "<span style='font-weight:700'>", "</span>",
         "<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'>", "<span style='mso-list:Ignore'>1.</span>",
         "<p class=MsoListParagraph>·&nbsp; ", "<figure>", "</figure>", "<figcaption>", "<caption>", "<th>", "<code>", "</code>",
         "<math>", "<mtext>", "<noscript>", "<form>", "<img src=x onerror=x>", "<script>", "</script>"]
    ),
    st.text(max_size=5),
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map("".join))
def test_whatever_comes_in_only_the_allowed_comes_out(html: str) -> None:
    clean = richtext.sanitise(html)
    inspect(clean)
    assert richtext.sanitise(clean) == clean


@given(
    st.text(
        alphabet=st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cf", "Cn", "Co")),
        min_size=1,
    )
)
def test_no_character_of_plain_words_is_lost(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert richtext.plain_text(richtext.sanitise(f"<p>{escaped}</p>")) == text


@pytest.mark.parametrize(
    "html",
    ["<div><b>" * 20000, "<ul><li>" * 5000, "<!--[if a]>" * 20000, "<!--[if " * 30000, "<![if " * 30000, "<" * 200_000, "<p>" + "&nbsp;" * 200_000,
     "<span style='" + "text-decoration:" * 20000 + "'>", "<table><tr><td>" * 3000, "<a href='https://a.b'>" * 10000],
    ids=lambda html: html[:12],
)  # fmt: skip
def test_no_input_takes_long(html: str) -> None:
    started = time.process_time()
    inspect(richtext.sanitise(html + "x"))
    assert time.process_time() - started < 3


def test_words_that_lie_deep_stay() -> None:
    assert richtext.sanitise("<div><span><b>" * 100 + "x") == "<p><strong>x</strong></p>"
    assert "x" in richtext.sanitise("<blockquote>" * 100 + "x<script>y</script>")


def test_markdown_makes_the_same_html() -> None:
    html = richtext.from_markdown(
        f"# T\n\n- a\n- b\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\n"
        f"[條款](item:{ITEM}#4.2) ![圖](file:{FILE}) <script>x</script> [y](javascript:x)\n\n3. c\n4. d"
    )
    assert html == (
        "<h2>T</h2><ul><li>a</li><li>b</li></ul><table><thead><tr><th>a</th><th>b</th></tr></thead>"
        "<tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
        f'<p><a href="item:{ITEM}#4.2" rel="noopener">條款</a> <img src="file:{FILE}" alt="圖"> '
        '&lt;script&gt;x&lt;/script&gt; [y](javascript:x)</p><ol start="3"><li>c</li><li>d</li></ol>'
    )
    assert richtext.references(html) == ({ITEM}, {FILE})


def test_references_are_read_from_tags_only() -> None:
    html = richtext.sanitise(f'<p>href="item:{ITEM}" &lt;a href="item:{ITEM}"&gt; src="file:{FILE}"</p>')
    assert richtext.references(html) == (set(), set())


def test_plain_text_parts_blocks_and_cells() -> None:
    html = "<h2>甲</h2><p>乙<br>丙 <strong>丁</strong>戊 &amp; &lt;</p><table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
    assert richtext.plain_text(html) == "甲\n乙\n丙 丁戊 & <\n1\t2"


def test_render_resolves_links_and_pictures() -> None:
    html = (
        f'<p><a href="item:{ITEM}#4.2" rel="noopener">看</a> <a href="https://a.b/" rel="noopener">b</a>'
        f'<img src="file:{FILE}" alt="圖"></p>'
    )
    assert as_shown(html) == (
        f'<p><a href="/x/{ITEM}#4.2" rel="noopener" title="T">看</a> <a href="https://a.b/" rel="noopener">b</a>'
        f'<img src="/files/{FILE}" alt="圖" loading="lazy"></p>'
    )


def test_render_keeps_the_words_of_what_is_gone() -> None:
    html = f'<p><a href="item:{ITEM}" rel="noopener">看<em>這</em></a>；<img src="file:{FILE}" alt="&lt;圖&gt;"></p>'
    shown = richtext.render(html, to_script="", links=lambda uid: None, pictures=lambda uid: None)
    assert shown == (
        '<p><span class="dead-link">看<em>這</em></span>；<span class="missing-picture">&lt;圖&gt;</span></p>'
    )


def test_render_converts_words_and_never_addresses() -> None:
    html = f'<p><a href="https://a.b/頁面" rel="noopener">網頁</a><img src="file:{FILE}" alt=""></p>'
    shown = richtext.render(html, to_script="hans", links=lambda uid: None, pictures=lambda uid: "/f")
    assert "网页" in shown
    assert "頁面" in shown or "%E9%A0%81%E9%9D%A2" in shown
