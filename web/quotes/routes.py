"""Addresses of quotes."""

from starlette.routing import Route

from media.people.accounts import Role
from web.quotes import cards, choosing, citing, clips, embed, mine, oembed, page
from web.visits import form
from web.visits import page as shown

READER = Role.VOLUNTEER


def list_routes() -> list[Route]:
    """List the routes of quotes, for the application to mount."""
    return [
        Route("/quote/choose", shown(choosing.show_chooser)),
        Route("/quotes", form(page.make_quote), methods=["POST"]),
        Route("/quotes/mine", shown(mine.show_mine, READER)),
        Route("/quotes/mine/drop", form(mine.drop_quote, READER), methods=["POST"]),
        Route("/q/{id}/cite/{style}", shown(citing.send_citation)),
        Route("/q/{id}/record.{form:path}", shown(citing.send_record)),
        Route("/q/{id}/annotation.jsonld", shown(citing.send_annotation)),
        Route("/q/{id}/heard", form(page.hear_quote, READER), methods=["POST"]),
        Route("/q/{id}/clip.{format}", shown(clips.send_clip)),
        Route("/q/{id}/captions.vtt", shown(clips.send_captions)),
        Route("/q/{id}/video-{shape}.mp4", shown(clips.send_film)),
        Route("/q/{id}/card.png", shown(cards.send_quote_card)),
        Route("/c/{episode:int}/{start:int}-{end:int}.png", shown(cards.send_moment_card)),
        Route("/c/{episode:int}/{start:int}-{end:int}", shown(cards.show_moment)),
        Route("/embed/q/{id}", embed.unknown_visitor(embed.show_quote_embed)),
        Route("/embed/c/{episode:int}/{start:int}-{end:int}", embed.unknown_visitor(embed.show_moment_embed)),
        Route("/oembed", embed.unknown_visitor(oembed.send_oembed)),
        Route("/q/{id}", shown(page.show_page)),  # after any that ends with an extension
    ]
