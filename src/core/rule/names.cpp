#include "core/rule/names.hpp"

namespace recon::rule {

namespace {

constexpr Name<Op> ops[] = {{"equal", Op::equal},
                            {"within", Op::within},
                            {"similar", Op::similar},
                            {"contains", Op::contains},
                            {"starts_with", Op::starts_with}};

constexpr Name<Algorithm> algorithms[] = {{"levenshtein", Algorithm::levenshtein},
                                          {"damerau_levenshtein", Algorithm::damerau_levenshtein},
                                          {"jaro", Algorithm::jaro},
                                          {"jaro_winkler", Algorithm::jaro_winkler},
                                          {"jaccard", Algorithm::jaccard},
                                          {"cosine", Algorithm::cosine},
                                          {"dice", Algorithm::dice},
                                          {"token_sort", Algorithm::token_sort},
                                          {"token_set", Algorithm::token_set},
                                          {"soundex", Algorithm::soundex},
                                          {"metaphone", Algorithm::metaphone},
                                          {"double_metaphone", Algorithm::double_metaphone}};

constexpr Name<Cardinality> cardinalities[] = {{"1:1", Cardinality::one_to_one},
                                               {"1:N", Cardinality::one_to_many},
                                               {"N:1", Cardinality::many_to_one},
                                               {"N:M", Cardinality::many_to_many}};

constexpr Name<Ambiguous> ambiguities[] = {
    {"propose", Ambiguous::propose}, {"skip", Ambiguous::skip}, {"take", Ambiguous::take}};

constexpr Name<StepKind> steps[] = {{"trim", StepKind::trim},
                                    {"upper", StepKind::upper},
                                    {"lower", StepKind::lower},
                                    {"alnum", StepKind::alnum},
                                    {"digits", StepKind::digits},
                                    {"unaccent", StepKind::unaccent},
                                    {"squash", StepKind::squash},
                                    {"left", StepKind::left},
                                    {"strip_prefixes", StepKind::strip_prefixes}};

constexpr Name<Rounding> roundings[] = {{"half_even", Rounding::half_even},
                                        {"half_up", Rounding::half_up},
                                        {"up", Rounding::up},
                                        {"down", Rounding::down}};

template <class T>
const char* text_of(std::span<const Name<T>> names, T value) {
    for (const Name<T>& name : names)
        if (name.value == value) return name.text;
    return "";
}

}  // namespace

std::span<const Name<Op>> op_names() {
    return ops;
}
std::span<const Name<Algorithm>> algorithm_names() {
    return algorithms;
}
std::span<const Name<Cardinality>> cardinality_names() {
    return cardinalities;
}
std::span<const Name<Ambiguous>> ambiguous_names() {
    return ambiguities;
}
std::span<const Name<StepKind>> step_names() {
    return steps;
}

std::span<const Name<Rounding>> rounding_names() {
    return roundings;
}

const char* op_name(Op op) {
    return text_of(op_names(), op);
}
const char* algorithm_name(Algorithm algorithm) {
    return text_of(algorithm_names(), algorithm);
}
const char* cardinality_name(Cardinality cardinality) {
    return text_of(cardinality_names(), cardinality);
}

}  // namespace recon::rule
