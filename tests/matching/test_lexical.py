"""Texts as vectors: known features weigh, unknown ones only shorten."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bot.matching.lexical import Lexicon, Vector, terms

TEXTS = [terms(text.split()) for text in ("price of bread", "price of cake", "do you bake bread", "cake and bread price", "price of bread")]


@pytest.fixture
def lexicon() -> Lexicon:
    return Lexicon.learn(TEXTS)


def norm(vector: Vector) -> float:
    return float(np.linalg.norm(vector.weights))


def test_the_features_of_a_text_are_words_pairs_and_pieces_with_borders() -> None:
    found = terms(["a", "cake", "a", "cake"])
    assert found.words == {"a": 2, "cake": 2, "a cake": 2, "cake a": 1}
    assert found.pieces["~ ca"] == 2
    assert found.pieces["~ake "] == 2
    assert terms(["pie"]).pieces.keys() == {"~ p", "~pi", "~ie", "~e ", "~ pi", "~pie", "~ie ", "~ pie", "~pie "} - {"~"}


def test_a_facet_mark_has_no_pieces() -> None:
    assert terms(["role=pm"]).pieces == {}


def test_no_words_have_no_features() -> None:
    assert (terms([]).words, terms([]).pieces) == ({}, {})


def test_a_text_of_known_features_has_length_one(lexicon: Lexicon) -> None:
    vector = lexicon.vector(TEXTS[0])
    assert norm(vector) == pytest.approx(1, abs=1e-6)
    assert vector.ids.dtype == np.int32
    assert vector.weights.dtype == np.float32
    assert len(set(vector.ids.tolist())) == len(vector.ids) == len(vector.weights)


def test_unknown_features_shorten_a_text_and_the_more_the_shorter(lexicon: Lexicon) -> None:
    lengths = [norm(lexicon.vector(terms(["price", "of", "bread", *extra]))) for extra in ([], ["zyx"], ["zyx", "wvut"])]
    assert lengths[0] > lengths[1] > lengths[2] > 0


def test_an_unknown_text_and_an_empty_one_are_empty(lexicon: Lexicon) -> None:
    for words in (["zzz", "jjj"], []):
        vector = lexicon.vector(terms(words))
        assert len(vector.ids) == len(vector.weights) == 0


def test_a_text_of_marks_alone_has_length_one() -> None:
    lexicon = Lexicon.learn([terms(["role=pm"])])
    assert norm(lexicon.vector(terms(["role=pm"]))) == pytest.approx(1)


def test_pieces_and_pairs_seen_once_are_dropped_and_words_are_not(lexicon: Lexicon) -> None:
    assert "you" in lexicon.names
    assert "do you" not in lexicon.names
    assert "~you" not in lexicon.names
    assert "price of" in lexicon.names
    assert "~pri" in lexicon.names
    assert list(lexicon.names) == sorted(lexicon.names)
    assert len(lexicon) == len(lexicon.names) == len(lexicon.idf)


def test_rare_features_say_more_and_unseen_ones_most(lexicon: Lexicon) -> None:
    idf = dict(zip(lexicon.names, lexicon.idf.tolist(), strict=True))
    assert idf["price"] < idf["cake"] < idf["you"] < lexicon.unseen
    assert idf["price"] == pytest.approx(1 + math.log(6 / 5))
    assert lexicon.unseen == pytest.approx(1 + math.log(6))


def test_repeating_a_word_counts_less_than_twice(lexicon: Lexicon) -> None:
    cake = lexicon.names.index("cake")
    bread = lexicon.names.index("price")
    vector = lexicon.vector(terms(["cake", "zz", "cake", "zz", "price"]))
    weight = dict(zip(vector.ids.tolist(), vector.weights.tolist(), strict=True))
    ratio = (weight[cake] / lexicon.idf[cake]) / (weight[bread] / lexicon.idf[bread])
    assert ratio == pytest.approx(1 + math.log(2), rel=1e-5)
