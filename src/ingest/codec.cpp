#include "ingest/codec.hpp"

#include "core/field/raw_text.hpp"
#include "core/input/encodings.hpp"

namespace recon::ingest {

void check_encoding(const std::string& encoding) {
    if (input::find_wide(encoding) == nullptr && pg_char_to_encoding(encoding.c_str()) < 0)
        throw Error(sqlstate::invalid_parameter_value, "unrecognized encoding \"" + encoding + "\"",
                    {}, "Use a name that the server knows, such as UTF8, LATIN1 or WIN1252.");
}

ServerCodec::ServerCodec(const std::string& encoding) {
    check_encoding(encoding);
    from_ = input::find_wide(encoding) != nullptr ? PG_UTF8 : pg_char_to_encoding(encoding.c_str());
    to_ = GetDatabaseEncoding();
    if (PG_ENCODING_IS_CLIENT_ONLY(from_))
        throw Error(sqlstate::feature_not_supported,
                    "encoding \"" + encoding + "\" is not supported for files", {},
                    "Convert the file to UTF-8.");
    if (from_ == to_ || to_ == PG_SQL_ASCII) return;
    conversion_ = pg::call([&] { return FindDefaultConversionProc(from_, to_); });
    if (!OidIsValid(conversion_))
        throw Error("42883", "there is no conversion from encoding \"" + encoding +
                                 "\" to that of the database");
}

namespace {

bool is_ascii(std::string_view text) {
    unsigned char all = 0;
    bool zero = false;
    for (char c : text) {
        all |= static_cast<unsigned char>(c);
        zero |= c == '\0';
    }
    return all < 0x80 && !zero;
}

// False for bytes that are no valid text, or that the other encoding has no equivalent for.
bool convert(Oid conversion, int from, int to, std::string_view text, std::string& result) {
    int length = static_cast<int>(text.size());
    result.resize(text.size() * MAX_CONVERSION_GROWTH + 1);
    int converted = pg::call([&] {
        return pg_do_encoding_conversion_buf(
            conversion, from, to,
            const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(text.data())), length,
            reinterpret_cast<unsigned char*>(result.data()), static_cast<int>(result.size()), true);
    });
    return converted == length;
}

}  // namespace

bool ServerCodec::decode(std::string_view raw, std::string& scratch, std::string_view& out) {
    out = raw;
    if (is_ascii(raw)) return true;
    if (from_ == PG_UTF8 && to_ == PG_UTF8) return field::valid_utf8(raw);
    int length = static_cast<int>(raw.size());
    if (raw.find('\0') != std::string_view::npos ||
        pg_encoding_verifymbstr(from_, raw.data(), length) != length)
        return false;
    if (!OidIsValid(conversion_)) return true;
    if (!convert(conversion_, from_, to_, raw, scratch)) return false;
    out = std::string_view(scratch.data(), std::strlen(scratch.data()));
    return true;
}

bool ServerCodec::encode(std::string_view text, std::string& raw) {
    raw = text;
    if (is_ascii(text) || !OidIsValid(conversion_)) return true;
    Oid conversion = pg::call([&] { return FindDefaultConversionProc(to_, from_); });
    if (!OidIsValid(conversion) || !convert(conversion, to_, from_, text, raw)) return false;
    raw.resize(std::strlen(raw.data()));
    return true;
}

}  // namespace recon::ingest
