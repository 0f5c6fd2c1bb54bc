"""What a person may set for a form."""

from connectors.sources.form.captcha import CaptchaOptions
from syncd.connector import Field, SecretStr, SourceOptions, field_validator, is_web_page


class Options(SourceOptions):
    origins: tuple[str, ...] = Field(
        (),
        description="sites that may post, as https://www.acme.com; empty for every site;"
        " null for pages that hide where they are",
    )
    thanks: str = Field("", description="page that people see afterwards; empty for a plain line of thanks")
    thanks_text: str = Field("Thank you. Your message has arrived.", description="the plain line of thanks")
    redirects: tuple[str, ...] = Field(
        (), description="pages that _next may name; one that ends in / allows all below it"
    )
    traps: tuple[str, ...] = Field(
        ("_gotcha", "_honey"), description="fields that people cannot see; who fills one in is a robot"
    )

    stamp_secret: SecretStr | None = Field(
        None,
        min_length=16,
        description="signs when a page was opened: hidden field _stamp, which pages load from /in/<source>?stamp=js; "
        "posts without one, or sent too fast, get junk points",
    )
    fastest: float = Field(2.0, ge=0, le=60, description="seconds in which nobody fills in this form")
    stamp_hours: float = Field(24, gt=0, le=720, description="hours that a page may stay open before it is sent")
    per_hour: int = Field(60, ge=1, description="posts of one address in an hour; more get junk points")
    captcha: CaptchaOptions | None = Field(
        None, description="a captcha that the page shows; failed ones get junk points"
    )

    @field_validator("origins")
    @classmethod
    def _are_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if origin != "null" and not (is_web_page(origin) and origin.count("/") == len("//")):
                raise ValueError(f'"{origin}" is not a site; write it as https://www.acme.com')
        return tuple(origin.lower() for origin in origins)

    @field_validator("redirects", "thanks")
    @classmethod
    def _are_pages(cls, pages: tuple[str, ...] | str) -> tuple[str, ...] | str:
        for page in (pages,) if isinstance(pages, str) else pages:
            if page and not is_web_page(page):
                raise ValueError(f'"{page}" is not a page; write it as https://www.acme.com/thanks')
        return pages
