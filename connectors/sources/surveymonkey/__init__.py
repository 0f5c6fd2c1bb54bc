"""SurveyMonkey. https://api.surveymonkey.com/v3/docs"""

from connectors.sources.surveymonkey.source import Options, SurveyMonkey
from syncd.connector import About, Plugin

plugin = Plugin(
    Options,
    SurveyMonkey,
    About(
        "SurveyMonkey",
        link="https://api.surveymonkey.com/v3/docs#webhook-callbacks",
        setup=(
            "At developer.surveymonkey.com make a private app; its client id is `api_key`, its secret `secret`.",
            "Its access token, with View Surveys, View Responses and View Response Details, is `api_token`.",
            "The survey's number is `survey_id`.",
            "`syncd hooks create <source>` makes the webhook for completed responses at {url}.",
        ),
        missed="All completed responses of `survey_id`; edited ones come under the id that they have.",
        tested=(
            "Bodies and answers made from SurveyMonkey's documentation; the limits of free apps (120 calls a minute, "
            "500 a day) and the content type of its webhooks are from memory."
        ),
        notes=(
            "A webhook brings ids alone: the response is kept and answered at once, and fetched afterwards.",
            "Answers carry ids of choices: their texts come from the survey, which is asked for once.",
        ),
        example={
            "api_key": "aBcDeF",
            "secret": "${SURVEYMONKEY_SECRET}",
            "api_token": "${SURVEYMONKEY_TOKEN}",
            "survey_id": '"123456789"',
        },
    ),
)
"""What an entry point names."""

__all__ = ["Options", "SurveyMonkey", "plugin"]
