"""Answers of a response with the texts that stand in its survey. https://api.surveymonkey.com/v3/docs#api-endpoints"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from syncd.connector import Answer, AnswerKind, Json, list_in, object_in, objects_in, one_answer, plain_text, text_in

_KINDS = {"email": AnswerKind.EMAIL, "phone": AnswerKind.PHONE, "name": AnswerKind.NAME}


@dataclass(frozen=True, slots=True)
class Survey:
    """The texts of a survey by the ids that responses have of them."""

    title: str = ""
    questions: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)  # of choices, rows and columns, by question and id
    kinds: Mapping[str, AnswerKind] = field(default_factory=dict)  # of rows of a contact block, by question and id

    def text(self, question: str, own: str) -> str:
        return self.texts.get(f"{question}/{own}", own)


def survey_of(details: Json) -> Survey:
    questions, texts, kinds = dict[str, str](), dict[str, str](), dict[str, AnswerKind]()
    for page in objects_in(list_in(details, "pages")):
        for question in objects_in(list_in(page, "questions")):
            own, options = text_in(question, "id"), object_in(question, "answers")
            headings = objects_in(list_in(question, "headings"))
            questions[own] = " ".join(plain_text(text_in(one, "heading")) for one in headings).strip()
            for part in ("choices", "rows", "cols"):
                for option in objects_in(list_in(options, part)):
                    name = f"{own}/{text_in(option, 'id')}"
                    texts[name] = plain_text(text_in(option, "text"))
                    if kind := _KINDS.get(text_in(option, "type")):
                        kinds[name] = kind
            if (other := object_in(options, "other")) and text_in(other, "id"):
                texts[f"{own}/{text_in(other, 'id')}"] = plain_text(text_in(other, "text"))
    return Survey(text_in(details, "title"), questions, texts, kinds)


def answers_of(response: Json, survey: Survey) -> Iterator[Answer]:
    """Each row of a question by itself, its choices together."""
    for page in objects_in(list_in(response, "pages")):
        for question in objects_in(list_in(page, "questions")):
            yield from _of_question(question, survey)
    for name, value in object_in(response, "custom_variables").items():
        yield from one_answer(name, name, "", AnswerKind.HIDDEN, value)


def _of_question(question: Json, survey: Survey) -> Iterator[Answer]:
    own = text_in(question, "id")
    asked = survey.questions.get(own, "")
    rows: dict[str, list[str]] = defaultdict(list)
    for given in objects_in(list_in(question, "answers")):
        if said := _said(own, given, survey):
            rows[text_in(given, "row_id")].append(said)
    for row, told in rows.items():
        name = survey.text(own, row) if row else ""
        known = name if name != row else ""
        label = f"{asked}: {known}" if asked and known else asked or known
        kind = survey.kinds.get(f"{own}/{row}", AnswerKind.TEXT)
        yield from one_answer(f"{own}.{row}" if row else own, label, known, kind, told)


def _said(question: str, given: Json, survey: Survey) -> str:
    column, choice = (text_in(given, name) for name in ("col_id", "choice_id"))
    other, text = text_in(given, "other_id"), text_in(given, "text")
    chosen = survey.text(question, choice) if choice else ""
    if column:
        chosen = f"{survey.text(question, column)}: {chosen}".strip(": ")
    return text or chosen or (survey.text(question, other) if other else "")
