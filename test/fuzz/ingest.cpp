// A load from the file's bytes on, packed or not and in any encoding: the cut into chunks does not
// matter, nothing is lost, and what is kept of a record is enough to read it again.
#include <zlib.h>

#include "core/error.hpp"
#include "memory_load.hpp"
#include "options.hpp"

using namespace recon;

namespace {

struct Result {
    std::vector<fuzz::Outcome> outcomes;
    std::string error;
    std::vector<std::string> columns;
    json::Value options;
};

Result load(const json::Value& options, const ingest::Mapping& mapping, std::string_view input,
            std::size_t first, std::size_t second) {
    fuzz::MemoryLoad load(options, mapping);
    Result result;
    try {
        fuzz::in_chunks(input, first, second,
                        [&](std::string_view part) { load.engine.feed(part); });
        load.engine.finish();
        fuzz::require(load.engine.counts().bytes == input.size(), "every byte is counted");
    } catch (const Error& error) {
        result.error = error.code() + (" " + error.message());
    }
    const ingest::Counts& counts = load.engine.counts();
    fuzz::require(counts.read == counts.loaded + counts.rejected, "read = loaded + rejected");
    fuzz::require(counts.read == load.sink.outcomes.size(), "every record is told");
    result.outcomes = std::move(load.sink.outcomes);
    result.columns = load.engine.column_names();
    result.options = ingest::resolved(options, load.engine.options());
    return result;
}

std::string packed(std::string_view text) {
    z_stream stream{};
    deflateInit2(&stream, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
    std::string in(text), out(deflateBound(&stream, in.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

json::Value draw_options(fuzz::Draw& draw, bool& header) {
    static constexpr std::string_view encodings[] = {"",        "UTF16LE", "UTF16BE", "UTF16",
                                                     "UTF32LE", "UTF32",   "SJIS",    "BIG5",
                                                     "GBK",     "UHC",     "GB18030", "auto"};
    json::Value options = fuzz::draw_dialect(draw);
    auto& members = options.members;
    if (std::string_view encoding = draw.one_of(encodings); !encoding.empty())
        members.emplace_back("encoding", fuzz::text(encoding));
    header = draw.choice(2) == 0;
    if (!header) members.emplace_back("header", fuzz::truth(false));
    if (draw.choice(2) == 1) members.emplace_back("trim", fuzz::truth(true));
    if (draw.choice(2) == 1) members.emplace_back("null", fuzz::text("x"));
    if (draw.choice(4) == 1)
        for (json::Member& member : members)
            if (member.first != "header" && member.first != "trim" && member.first != "null" &&
                member.first != "max_field_bytes")
                member.second = fuzz::text("auto");
    return options;
}

// external_id and amount by number, where no header names the columns.
ingest::Mapping numbered() {
    json::Value value;
    value.kind = json::Kind::object;
    value.members.emplace_back("external_id", fuzz::number(1));
    value.members.emplace_back("amount", fuzz::number(2));
    return ingest::parse_mapping(&value);
}

// What became of the record whose bytes these are, read alone under the options that were kept.
std::vector<fuzz::Outcome> again(const Result& result, const ingest::Mapping& mapping,
                                 const fuzz::Outcome& outcome) {
    fuzz::MemoryLoad load(result.options, mapping);
    if (!result.columns.empty()) load.engine.begin_columns(result.columns);
    std::vector<char> raw(outcome.raw.begin(), outcome.raw.end());
    load.engine.add_raw({outcome.line, outcome.offset, {raw.data(), raw.size()}});
    return std::move(load.sink.outcomes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Draw draw(data, size);
    bool header = true;
    json::Value options = draw_options(draw, header);
    ingest::Mapping mapping = header ? ingest::Mapping() : numbered();
    std::size_t first = 1 + draw.choice(64), second = 1 + draw.choice(64);
    bool pack = draw.choice(2) == 1;
    std::string_view text = draw.rest();
    try {
        ingest::dialect_of(ingest::parse_options(options));
    } catch (const Error&) {
        return 0;
    }

    std::string input = pack ? packed(text) : std::string(text);
    Result whole = load(options, mapping, input, SIZE_MAX, SIZE_MAX);
    for (auto [odd, even] : {std::pair{first, second}, std::pair{std::size_t{1}, std::size_t{1}}}) {
        Result cut = load(options, mapping, input, odd, even);
        // What came before an error is undone by it.
        bool same =
            cut.error == whole.error && (!whole.error.empty() || cut.outcomes == whole.outcomes);
        fuzz::require(same, "chunks do not matter",
                      fuzz::shown(whole.outcomes) + whole.error + "\n---\n" +
                          fuzz::shown(cut.outcomes) + cut.error);
    }
    if (!whole.error.empty()) return 0;
    for (const fuzz::Outcome& outcome : whole.outcomes) {
        if (!text.starts_with("\x1F\x8B"))
            fuzz::require(text.substr(outcome.offset, outcome.raw.size()) == outcome.raw,
                          "offset and raw are those of the input", fuzz::shown(whole.outcomes));
        std::vector<fuzz::Outcome> retried = again(whole, mapping, outcome);
        fuzz::require(retried.size() == 1, "a record read again is one record",
                      fuzz::shown(whole.outcomes) + "---\n" + fuzz::shown(retried));
        if (!outcome.rejected)
            fuzz::require(retried[0] == outcome, "a record read again is the same",
                          fuzz::shown(whole.outcomes) + "---\n" + fuzz::shown(retried));
        else
            fuzz::require(retried[0].rejected, "a reject read again is one",
                          fuzz::shown(whole.outcomes) + "---\n" + fuzz::shown(retried));
    }
    return 0;
}
