//! Functions of texts.

use super::Definition;

/// Of a regular expression with a group, `regexp_extract` gives what the group matches, as BigQuery and Spark have it;
/// `regexp_substr` gives the whole match.
pub(super) const DEFINED: &[Definition] = &[
    ("split(words, separator)", "string_to_array(words, separator)"),
    ("str_split(words, separator)", "string_to_array(words, separator)"),
    ("string_split(words, separator)", "string_to_array(words, separator)"),
    ("startswith(words, start)", "starts_with(words, start)"),
    ("endswith(words, end_)", "ends_with(words, end_)"),
    ("charindex(part, words)", "strpos(words, part)"),
    ("locate(part, words)", "strpos(words, part)"),
    ("position(part, words)", "strpos(words, part)"),
    ("len(words)", "length(words)"),
    ("lcase(words)", "lower(words)"),
    ("ucase(words)", "upper(words)"),
    ("byte_length(words)", "octet_length(words)"),
    ("space(count)", "repeat(' ', count)"),
    ("mid(words, start, count)", "substr(words, start, count)"),
    ("editdistance(one, other)", "levenshtein(one, other)"),
    ("to_varchar(any)", "cast(any as varchar)"),
    ("to_varchar(moment, format)", "to_char(moment, format)"),
    ("to_char(any)", "cast(any as varchar)"),
    ("to_string(any)", "cast(any as varchar)"),
    ("regexp_contains(words, pattern)", "regexp_like(words, pattern)"),
    ("regexp_matches(words, pattern)", "regexp_like(words, pattern)"),
    ("regexp_matches(words, pattern, flags)", "regexp_like(words, pattern, flags)"),
    ("rlike(words, pattern)", "regexp_like(words, pattern)"),
    ("regexp_extract(words, pattern)", "regexp_match(words, pattern)[1]"),
    ("regexp_extract(words, pattern, number)", "regexp_match(words, concat('(', pattern, ')'))[number + 1]"),
    ("regexp_substr(words, pattern)", "regexp_match(words, concat('(', pattern, ')'))[1]"),
    ("md5_hex(words)", "md5(words)"),
    ("sha1_hex(words)", "sha1(words)"),
    ("sha2(words)", "encode(sha256(words), 'hex')"),
    ("sha2_hex(words)", "encode(sha256(words), 'hex')"),
    ("sha2(words, bits)", "encode(digest(words, concat('sha', cast(bits as varchar))), 'hex')"),
    ("sha2_hex(words, bits)", "encode(digest(words, concat('sha', cast(bits as varchar))), 'hex')"),
    ("uuid_string()", "uuid()"),
    ("generate_uuid()", "uuid()"),
    ("gen_random_uuid()", "uuid()"),
];
