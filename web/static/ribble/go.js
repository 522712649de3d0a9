// A launch from another system goes on to the record by itself, at once; without a script one press does it. It stands alone and before all else
// because it must wait for nothing: while the record is on its way, this page loads what the record's page needs.
const goOn = () => document.querySelector("form.rb-go").submit();
if (document.readyState === "loading") addEventListener("DOMContentLoaded", goOn);
else goOn();
