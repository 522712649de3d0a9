// A launch from another system goes on to the record by itself, at once; without a script one press does it. It stands alone because it must wait
// for nothing: while the record is on its way, this page loads what the record's page needs.
document.querySelector("form.rb-go").submit();
