"""Errors cross processes whole, and say one thing to the log and another to people."""

import pickle

import pytest

from ingest import errors as ingest_errors
from media.errors import EntenduError, Message, NotFoundError
from media.language import translate


def test_an_error_survives_pickling_whatever_its_constructor_asks():
    error = ingest_errors.ServerBusyError("asked to wait", url="http://a/b", status=503, retry_after_s=30)
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.args, again.message) == (type(error), error.args, error.message)
    assert again.retry_after_s == 30


def test_a_message_is_said_in_the_reader_s_language():
    message = NotFoundError("no show 3", kind="show", name="3").message
    assert "3" in translate(message, "en")
    assert translate(Message("not in any catalogue"), "fr") == "not in any catalogue"


@pytest.mark.parametrize("kind", EntenduError.__subclasses__())
def test_every_error_has_a_sentence_for_people(kind: type[EntenduError]):
    assert kind.msgid.endswith((".", "?", "!"))
