#include "core/detect/roles.hpp"

#include <algorithm>
#include <functional>

namespace recon::detect {

namespace {

using ingest::Field;

// 0..1: how well a column's content goes with the meaning.
double fit_of(Meaning meaning, const Column& column) {
    bool none = column.filled == 0;
    switch (meaning) {
        case Meaning::transaction_date:
        case Meaning::value_date:
        case Meaning::other_date:
            return none ? 0.4 : column.is_date() ? 1 : 0;
        case Meaning::amount:
        case Meaning::balance:
        case Meaning::other_amount:
            return none ? 0.3 : column.is_number() && !column.leading_zeros ? 1 : 0;
        case Meaning::debit:
        case Meaning::credit:
            return none ? 0.6 : column.is_number() && !column.leading_zeros ? 1 : 0;
        case Meaning::currency:
            return none ? 0.3 : column.currency_codes ? 1 : 0;
        case Meaning::external_id:
            return column.distinct ? 1 : none ? 0.2 : 0;
        case Meaning::reference:
            return none ? 0.7 : column.kind() == Kind::date ? 0 : column.fractions ? 0.1 : 1;
        case Meaning::counterparty:
        case Meaning::description:
            if (none) return 0.7;
            return column.kind() == Kind::text ? 1 : column.kind() == Kind::date ? 0 : 0.2;
        case Meaning::sign:
            return column.few_words && !column.is_number() ? 1 : 0;
        case Meaning::account:
            return column.currency_codes ? 0 : 0.95;
        case Meaning::other:
            break;
    }
    return 0;
}

std::optional<Field> field_of(Meaning meaning) {
    switch (meaning) {
        case Meaning::external_id:
            return Field::external_id;
        case Meaning::transaction_date:
            return Field::transaction_date;
        case Meaning::value_date:
            return Field::value_date;
        case Meaning::amount:
            return Field::amount;
        case Meaning::currency:
            return Field::currency;
        case Meaning::reference:
            return Field::reference;
        case Meaning::counterparty:
            return Field::counterparty;
        case Meaning::description:
            return Field::description;
        default:
            return std::nullopt;
    }
}

class Finder {
  public:
    Finder(std::span<const Column> columns, std::span<const std::string> names)
        : columns_(columns), names_(names), taken_(columns.size(), false) {}

    Roles run() {
        by_name();
        pair_or_amount();
        by_content();
        currency_of_amount();
        return std::move(roles_);
    }

  private:
    struct Choice {
        std::size_t column;
        Meaning meaning;
        double score;
        std::size_t rank;
    };

    void by_name() {
        std::vector<Choice> choices;
        for (std::size_t i = 0; i < std::min(columns_.size(), names_.size()); ++i)
            for (const NameMatch& match : meanings_of(names_[i]))
                if (double score = match.score * fit_of(match.meaning, columns_[i]); score > 0)
                    choices.push_back({i, match.meaning, score, match.rank});
        std::stable_sort(choices.begin(), choices.end(), [](const Choice& a, const Choice& b) {
            return a.score != b.score ? a.score > b.score : a.rank < b.rank;
        });
        for (const Choice& choice : choices)
            if (!taken_[choice.column]) take(choice);
    }

    void take(const Choice& choice) {
        Role role{choice.column, choice.score};
        if (auto field = field_of(choice.meaning)) {
            if (at(*field)) return;
            at(*field) = role;
        } else if (choice.meaning == Meaning::debit) {
            if (roles_.debit) return;
            roles_.debit = role;
        } else if (choice.meaning == Meaning::credit) {
            if (roles_.credit) return;
            roles_.credit = role;
        } else if (choice.meaning == Meaning::sign && !roles_.sign) {
            roles_.sign = choice.column;
        }
        taken_[choice.column] = true;
    }

    // Two columns for one amount, unless a single one is there as well.
    void pair_or_amount() {
        auto& amount = at(Field::amount);
        if (roles_.debit && roles_.credit &&
            (!amount ||
             amount->confidence < std::min(roles_.debit->confidence, roles_.credit->confidence))) {
            amount.reset();
            return;
        }
        roles_.debit.reset();
        roles_.credit.reset();
    }

    // Of several currencies, the one beside the amount.
    void currency_of_amount() {
        const auto& amount = at(Field::amount);
        auto& currency = at(Field::currency);
        if (!amount || !currency || amount->column + 1 >= columns_.size()) return;
        std::size_t beside = amount->column + 1;
        if (taken_[beside] || !columns_[beside].currency_codes) return;
        taken_[currency->column] = false;
        taken_[beside] = true;
        currency->column = beside;
    }

    template <class Condition>
    void take_first(Field field, double confidence, Condition fits) {
        if (at(field)) return;
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (taken_[i] || !fits(columns_[i])) continue;
            at(field) = Role{i, confidence};
            taken_[i] = true;
            return;
        }
    }

    void by_content() {
        bool named = !names_.empty();
        auto date = [](const Column& c) { return c.is_date() && !c.dates.digits_only; };
        take_first(Field::transaction_date, named ? 0.4 : 0.5, date);
        if (!named) take_first(Field::value_date, 0.3, date);
        take_first(Field::currency, 0.8, [](const Column& c) { return c.currency_codes; });
        if (!roles_.debit) {
            auto sum = [](const Column& c) {
                return c.is_number() && !c.is_date() && !c.leading_zeros && c.fractions;
            };
            take_first(Field::amount, 0.5, [&](const Column& c) { return sum(c) && c.negatives; });
            take_first(Field::amount, 0.4, sum);
        }
        if (named) return;
        // The longest texts are what the bank has to say.
        std::size_t longest = columns_.size();
        for (std::size_t i = 0; i < columns_.size(); ++i) {
            if (taken_[i] || columns_[i].kind() != Kind::text || columns_[i].mean_length < 8)
                continue;
            if (longest == columns_.size() ||
                columns_[i].mean_length > columns_[longest].mean_length)
                longest = i;
        }
        if (longest < columns_.size()) at(Field::description) = Role{longest, 0.4};
    }

    std::optional<Role>& at(Field field) { return roles_.fields[static_cast<std::size_t>(field)]; }

    std::span<const Column> columns_;
    std::span<const std::string> names_;
    std::vector<bool> taken_;
    Roles roles_;
};

}  // namespace

Roles find_roles(std::span<const Column> columns, std::span<const std::string> names) {
    return Finder(columns, names).run();
}

}  // namespace recon::detect
