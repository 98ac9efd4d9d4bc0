#include "core/match/search_image.hpp"

#include <algorithm>
#include <cstring>

namespace recon::match {

namespace {

struct Header {
    Cut cut;
    Billionths threshold;
    std::uint64_t classes_a, classes_b, similar;
    bool has_texts;
};

// A check without its condition, which the rule has.
struct BoundCheck {
    field::uint128 abs, pct, pct_whole;
    std::int64_t low, high;
    std::uint64_t micros;
    int scale;
    Type type;
    CheckKind kind;
    Form form;
    bool guarded, has_abs;
};

bool reads_texts(const Check& check) {
    return check.kind == CheckKind::similar || check.kind == CheckKind::contains ||
           check.kind == CheckKind::starts_with;
}

template <class T>
std::vector<std::byte> bytes_of(const T* items, std::size_t count) {
    std::vector<std::byte> bytes(count * sizeof(T));
    if (count != 0) std::memcpy(bytes.data(), items, bytes.size());
    return bytes;
}

template <class T>
std::span<const T> items_of(Bytes bytes) {
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

// Reads the parts in the order in which they were added.
class Parts {
  public:
    explicit Parts(std::span<const Bytes> parts) : parts_(parts) {}
    template <class T>
    std::span<const T> next() {
        return items_of<T>(parts_[at_++]);
    }
    std::span<const Bytes> rest() const { return parts_.subspan(at_); }

  private:
    std::span<const Bytes> parts_;
    std::size_t at_ = 0;
};

Side read_side(Parts& parts, std::size_t checks, std::size_t classes) {
    Side side;
    side.begins.resize(classes + 1);
    side.currency = Buffer<std::uint32_t>::view(parts.next<std::uint32_t>());
    std::span<const Group> groups = parts.next<Group>();
    side.groups.assign(groups.begin(), groups.end());
    std::span<const std::uint32_t> begins = parts.next<std::uint32_t>();
    side.block_begins.assign(begins.begin(), begins.end());
    for (std::size_t i = 0; i < checks; ++i) {
        Values values;
        values.ids = Buffer<std::uint32_t>::view(parts.next<std::uint32_t>());
        values.numbers = Buffer<std::int64_t>::view(parts.next<std::int64_t>());
        values.wide = Buffer<field::int128>::view(parts.next<field::int128>());
        side.values.push_back(std::move(values));
    }
    return side;
}

}  // namespace

SearchImage::SearchImage(const Plan& plan, const Index& index) {
    Header header{};
    header.cut = index.cut;
    header.threshold = plan.threshold;
    header.classes_a = index.a.classes();
    header.classes_b = index.b.classes();
    header.similar = index.similar.size();
    header.has_texts = std::any_of(plan.checks.begin(), plan.checks.end(), reads_texts);
    header_ = bytes_of(&header, 1);
    std::vector<BoundCheck> checks;
    for (const Check& check : plan.checks)
        checks.push_back({check.abs.value_or(0), check.pct, check.pct_whole, check.low, check.high,
                          check.micros, check.scale, check.type, check.kind, check.form,
                          check.guarded, check.abs.has_value()});
    checks_ = bytes_of(checks.data(), checks.size());
    add(header_);
    add(checks_);
    add_side(index.a);
    add_side(index.b);
    add(index.sweep_keys);
    add(index.ways);
    add(index.text_pairs.groups);
    add(index.text_pairs.texts);
    add(index.text_pairs.partner_begins);
    add(index.text_pairs.partners);
    add(index.text_pairs.run_begins);
    add(index.text_pairs.classes);
    for (const Buffer<std::uint32_t>& ids : index.similar) add(ids);
    if (!header.has_texts) return;
    add(plan.a->texts().places());
    for (const char* chunk : plan.a->texts().chunks())
        parts_.push_back(std::as_bytes(std::span(chunk, Texts::chunk_bytes)));
}

void SearchImage::add_side(const Side& side) {
    add(side.currency);
    add(side.groups);
    add(side.block_begins);
    for (const Values& values : side.values) {
        add(values.ids);
        add(values.numbers);
        add(values.wide);
    }
}

SearchView::SearchView(std::span<const Bytes> bytes, const rule::Rule& rule) {
    Parts parts(bytes);
    const Header& header = parts.next<Header>()[0];
    plan_.rule = &rule;
    if (rule.cardinality != rule::Cardinality::one_to_one)
        plan_.of_pairs = std::make_shared<rule::Rule>(rule::pair_rule(rule));
    const std::vector<rule::Condition>& conditions =
        plan_.of_pairs ? plan_.of_pairs->match : rule.match;
    plan_.a = plan_.b = &texts_;
    plan_.threshold = header.threshold;
    for (const BoundCheck& bound : parts.next<BoundCheck>()) {
        Check check;
        check.condition = &conditions[plan_.checks.size()];
        check.type = bound.type;
        check.kind = bound.kind;
        check.form = bound.form;
        check.guarded = bound.guarded;
        check.scale = bound.scale;
        if (bound.has_abs) check.abs = bound.abs;
        check.pct = bound.pct;
        check.pct_whole = bound.pct_whole;
        check.low = bound.low;
        check.high = bound.high;
        check.micros = bound.micros;
        plan_.checks.push_back(std::move(check));
    }
    index_.cut = header.cut;
    index_.a = read_side(parts, plan_.checks.size(), header.classes_a);
    index_.b = read_side(parts, plan_.checks.size(), header.classes_b);
    index_.sweep_keys = Buffer<std::int64_t>::view(parts.next<std::int64_t>());
    index_.ways = Buffer<Way>::view(parts.next<Way>());
    TextPairs& pairs = index_.text_pairs;
    pairs.groups = Buffer<TextPairs::Group>::view(parts.next<TextPairs::Group>());
    pairs.texts = Buffer<std::uint32_t>::view(parts.next<std::uint32_t>());
    pairs.partner_begins = Buffer<std::uint64_t>::view(parts.next<std::uint64_t>());
    pairs.partners = Buffer<std::uint32_t>::view(parts.next<std::uint32_t>());
    pairs.run_begins = Buffer<std::uint32_t>::view(parts.next<std::uint32_t>());
    pairs.classes = Buffer<std::uint32_t>::view(parts.next<std::uint32_t>());
    index_.prepared.resize(header.similar);
    for (std::size_t i = 0; i < header.similar; ++i)
        index_.similar.push_back(Buffer<std::uint32_t>::view(parts.next<std::uint32_t>()));
    if (!header.has_texts) return;
    // Chunks lie end to end, as their size is a multiple of the alignment.
    std::span<const std::uint32_t> places = parts.next<std::uint32_t>();
    const std::byte* chunks = parts.rest().empty() ? nullptr : parts.rest()[0].data();
    texts_.texts().view_of(places, reinterpret_cast<const char*>(chunks), parts.rest().size());
}

}  // namespace recon::match
