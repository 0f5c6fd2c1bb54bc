"""The whole surface for connector authors.

A connector is a translator: it knows the vendor's words and ours, nothing else. No retry loop, no
scheduling, no database, no routing. Vendor libraries are imported only in its file, and their exceptions
never leave it. It raises the errors re-exported here; each says what syncd does next.
"""

from pydantic import Field, SecretStr, field_validator, model_validator

from syncd.clock import Clock
from syncd.core.looks import waited
from syncd.core.mail import MailRules, Reading, mail_submission, read_mail
from syncd.core.mail import Verdict as MailVerdict
from syncd.core.record import EXTRA_FIELDS
from syncd.core.sandbox import Sandbox
from syncd.errors import (
    Ambiguous,
    AuthFailed,
    ConfigError,
    RateLimited,
    Refused,
    Rejected,
    Retryable,
    SyncdError,
    TooLarge,
    Unauthenticated,
    UnsupportedBody,
)
from syncd.http_client import HttpClient, HttpReply, Limit, raise_for_status
from syncd.model import (
    FIELDS,
    Answer,
    AnswerKind,
    Context,
    Done,
    Fate,
    Fates,
    FieldState,
    Finding,
    Known,
    LeadKeys,
    NoteOrder,
    Outcome,
    OwnerRef,
    Page,
    RecordOrder,
    Ref,
    Refusal,
    Signal,
    SignalKind,
    SignalPage,
    Submission,
    Suspicion,
    TaskOrder,
    Unknown,
    Wait,
)
from syncd.protocols import (
    About,
    Alert,
    AlertMessage,
    AlertRef,
    Allowance,
    Budgeted,
    Collecting,
    Completing,
    Described,
    Exporting,
    Hooked,
    Listening,
    LooksBack,
    Plugin,
    Previewing,
    PullSource,
    PushSource,
    Removing,
    Reporting,
    Sink,
    Tools,
    Translating,
    Visited,
)
from syncd.wire.answering import (
    Answering,
    Json,
    Question,
    asked,
    both,
    consent_of,
    listed,
    named,
    one_answer,
    path_answers,
    tracked,
    with_label,
)
from syncd.wire.answers import code_of, distinct, json_in, json_object, objects_in
from syncd.wire.anybody import Anybody
from syncd.wire.assembled import AssembledSink, Parts
from syncd.wire.bodies import FORM_TYPES, JSON_TYPE, Read, json_inside, nested, read_any, read_form, read_json
from syncd.wire.content_key import content_key, id_key, unreadable
from syncd.wire.csv_rows import CsvFormat, Row, read_csv, row_submission
from syncd.wire.delivery import Delivery, one_by_one
from syncd.wire.directory import Directory
from syncd.wire.drops import PENDING, Drop, DropOptions, Place, RemoteDropOptions, Seen, brought, free_names
from syncd.wire.extras import insist_on_extra
from syncd.wire.fetching import Fetching, FetchOptions, cursor_at
from syncd.wire.forms import FormField, FormLimits, form_fields, raw_fields, without_uploads
from syncd.wire.fresh import Fresh
from syncd.wire.grants import (
    Asking,
    ClientCredentialsOptions,
    FixedToken,
    Grant,
    Login,
    RefreshTokenOptions,
    TokenService,
    by_client_credentials,
    by_refresh_token,
)
from syncd.wire.hooks import Hook, HookedSourceOptions
from syncd.wire.json_reply import JsonReply
from syncd.wire.lately import Lately
from syncd.wire.listing import ListApi, Listed, Listing, basic, bearer, in_utc, rows_in
from syncd.wire.locks import LockedSourceOptions, SignedSourceOptions, open_locks
from syncd.wire.mails import Mails, MailSourceOptions
from syncd.wire.marks import mark_in, marked_plain, marked_rich
from syncd.wire.often import Often
from syncd.wire.once import Marked, Once, word_for
from syncd.wire.options import ConnectorOptions, SourceOptions
from syncd.wire.paging import by_number, by_offset, by_token, from_either_end
from syncd.wire.path_items import Carrier, PathOptions, path_submissions, unread
from syncd.wire.posted import Posted, Posting, one_of, true_at
from syncd.wire.proofs import (
    KeyedSourceOptions,
    Proof,
    ProvenSourceOptions,
    key_inside,
    locked,
    proved_by,
    signed,
    signed_or_key_inside,
)
from syncd.wire.recent import Recent
from syncd.wire.redirects import is_web_page, may_redirect
from syncd.wire.signatures import STANDARD_WEBHOOKS, Signature, same_secret, verify, whsec_key
from syncd.wire.statuses import Trouble, raise_trouble, trouble_of
from syncd.wire.strangers import Strangers, only_missing
from syncd.wire.strict_json import JsonLimits, json_bytes, json_value
from syncd.wire.texts import CUT, cut_line, cut_text, cut_utf16, html_text, plain_text, utf16_units
from syncd.wire.tokens import Ration
from syncd.wire.tracking import is_tracking
from syncd.wire.values import (
    Text,
    at_path,
    day_of,
    flatten,
    list_in,
    moment_of,
    number_of,
    object_in,
    text_at,
    text_in,
    text_of,
)
from syncd.wire.wanted import Wanted, choice_findings, field_findings
from syncd.wire.web import Received, WebReply, WebRequest

__all__ = [
    "CUT",
    "EXTRA_FIELDS",
    "FIELDS",
    "FORM_TYPES",
    "JSON_TYPE",
    "PENDING",
    "STANDARD_WEBHOOKS",
    "About", "Alert", "AlertMessage", "AlertRef", "Allowance", "Ambiguous", "Answer", "AnswerKind", "Answering",
    "Anybody", "Asking",
    "AssembledSink", "AuthFailed",
    "Budgeted",
    "Carrier",
    "ClientCredentialsOptions", "Clock", "Collecting", "Completing", "ConfigError",
    "ConnectorOptions", "Context", "CsvFormat",
    "Delivery", "Described", "Directory", "Done", "Drop", "DropOptions",
    "Exporting",
    "Fate", "Fates", "FetchOptions", "Fetching", "Field", "FieldState", "Finding", "FixedToken", "FormField",
    "FormLimits", "Fresh",
    "Grant",
    "Hook", "Hooked", "HookedSourceOptions", "HttpClient", "HttpReply",
    "Json", "JsonLimits", "JsonReply",
    "KeyedSourceOptions",
    "Known",
    "Lately", "LeadKeys", "Limit", "ListApi", "Listed", "Listening", "Listing", "LockedSourceOptions", "Login",
    "LooksBack",
    "MailRules", "MailSourceOptions", "MailVerdict", "Mails", "Marked",
    "NoteOrder",
    "Often", "Once", "Outcome", "OwnerRef",
    "Page", "Parts",
    "PathOptions", "Place", "Plugin", "Posted", "Posting", "Previewing", "Proof", "ProvenSourceOptions", "PullSource",
    "PushSource",
    "Question",
    "RateLimited", "Ration", "Read", "Reading", "Received", "Recent", "RecordOrder", "Ref", "RefreshTokenOptions",
    "Refusal", "Refused", "Rejected",
    "RemoteDropOptions", "Removing", "Reporting", "Retryable", "Row", "Sandbox", "SecretStr", "Seen", "Signal",
    "SignalKind", "SignalPage", "Signature", "SignedSourceOptions", "Sink", "SourceOptions", "Strangers",
    "Submission", "Suspicion", "SyncdError",
    "TaskOrder", "Text", "TokenService", "TooLarge", "Tools", "Translating", "Trouble",
    "Unauthenticated", "Unknown", "UnsupportedBody",
    "Visited",
    "Wait", "Wanted", "WebReply", "WebRequest",
    "asked", "at_path",
    "basic", "bearer", "both",
    "brought", "by_client_credentials", "by_number", "by_offset", "by_refresh_token", "by_token",
    "choice_findings", "code_of", "consent_of", "content_key", "cursor_at", "cut_line", "cut_text", "cut_utf16",
    "day_of", "distinct",
    "field_findings", "field_validator", "flatten", "form_fields", "free_names", "from_either_end",
    "html_text",
    "id_key", "in_utc",
    "insist_on_extra", "is_tracking", "is_web_page",
    "json_bytes", "json_in", "json_inside", "json_object", "json_value",
    "key_inside",
    "list_in", "listed", "locked",
    "mail_submission",
    "mark_in", "marked_plain", "marked_rich", "may_redirect", "model_validator", "moment_of",
    "named", "nested", "number_of",
    "object_in", "objects_in", "one_answer", "one_by_one", "one_of", "only_missing", "open_locks",
    "path_answers",
    "path_submissions", "plain_text", "proved_by",
    "raise_for_status", "raise_trouble", "raw_fields", "read_any", "read_csv", "read_form", "read_json",
    "read_mail", "row_submission", "rows_in",
    "same_secret", "signed", "signed_or_key_inside",
    "text_at", "text_in", "text_of", "tracked", "trouble_of", "true_at",
    "unread",
    "unreadable", "utf16_units",
    "verify",
    "waited", "whsec_key", "with_label", "without_uploads", "word_for",
]  # fmt: skip
