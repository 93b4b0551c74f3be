"""Which phone a number means, and whether text messages can reach it."""

import unicodedata
from collections.abc import Sequence

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

# In some countries (the United States) a number does not tell whether its phone is mobile.
_MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


def read_number(text: str, regions: Sequence[str]) -> str:
    """Return the number as E.164 ("+8613800138000").

    `regions`: the countries it may belong to (ISO 3166, two letters); a number without a
    country code belongs to the first. Raises ValueError when it is no mobile number there.
    """
    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text), regions[0])
    except NumberParseException as problem:
        raise ValueError("not a phone number") from problem
    if not phonenumbers.is_valid_number(number):
        raise ValueError("not a phone number")
    if phonenumbers.number_type(number) not in _MOBILE:
        raise ValueError("not a mobile number")
    if phonenumbers.region_code_for_number(number) not in regions:
        raise ValueError("a number of another country")
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
